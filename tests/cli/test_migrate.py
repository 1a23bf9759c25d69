"""`python -m core migrate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import __main__ as command_line
from core.store.db.folder_lock import DataFolderLock


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of commands that this process runs."""
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_migrate_says_what_it_did_and_does_it_once(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["migrate"]) == 0
    assert "applied 0001_library" in capsys.readouterr().out
    assert command_line.main(["migrate"]) == 0
    assert "already up to date" in capsys.readouterr().out


def test_migrate_keeps_off_a_folder_in_use(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = DataFolderLock(data)
    lock.acquire()
    try:
        assert command_line.main(["migrate"]) == 1
    finally:
        lock.release()
    assert "data_folder_locked" in capsys.readouterr().err and not (data / "castmind.db").exists()
