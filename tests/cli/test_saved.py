"""The settings of a command, read beside a running server."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli import saved
from core.errors import StartError
from core.settings import Settings
from core.store.db.database import Store
from core.store.settings import saved_settings
from tests.new_database import new_database


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_without_a_library_the_environment_counts_and_nothing_is_made(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASTMIND_WHISPER_MODEL", "tiny")
    assert saved.all_layers().whisper_model == "tiny"
    assert not data.exists()


def test_a_saved_setting_counts_unless_the_environment_names_it(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(new_database(data))
    store.open()
    store.write(lambda db: saved_settings.save(db, "whisper_model", "demo", now=0.0))
    store.write(lambda db: saved_settings.save(db, "language", "zh", now=0.0))
    try:
        monkeypatch.setenv("CASTMIND_LANGUAGE", "en")
        found: Settings = saved.all_layers()
    finally:
        store.close()
    assert (found.whisper_model, found.language) == ("demo", "en")


def test_a_broken_database_is_told(data: Path) -> None:
    data.mkdir()
    (data / "castmind.db").write_text("this is no database " * 100)
    with pytest.raises(StartError, match="cannot be read"):
        saved.all_layers()
