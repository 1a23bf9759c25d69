"""`python -m core rotate-key`."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import __main__ as command_line
from core.store.db.database import Store
from core.store.db.folder_lock import DataFolderLock
from core.store.db.vault import Vault
from core.store.sealed import sealed_columns
from tests.store.sealed.secrets import SECRETS, with_secrets


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of commands that this process runs, with a library and its secrets."""
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path))
    store = Store(tmp_path / "castmind.db")
    store.open()
    with_secrets(store)
    store.close()
    return tmp_path


def opened(data: Path) -> list[str | None]:
    store = Store(data / "castmind.db")
    try:
        return [Vault.beside(store.path).readable(value.sealed) for value in sealed_columns.values(store.read())]
    finally:
        store.close()


def test_it_says_what_it_did(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = (data / "secret.key").read_bytes()
    assert command_line.main(["rotate-key"]) == 0
    said = capsys.readouterr().out
    assert f"{data / 'secret.key'}: a new key; 3 secrets are sealed with it" in said
    assert "enter its credentials again" in said
    assert (data / "secret.key").read_bytes() != key
    assert opened(data) == list(SECRETS)


def test_while_a_server_runs_it_changes_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, lock = (data / "secret.key").read_bytes(), DataFolderLock(data)
    lock.acquire()
    try:
        assert command_line.main(["rotate-key"]) == 1
    finally:
        lock.release()
    assert "Stop it first" in capsys.readouterr().err
    assert (data / "secret.key").read_bytes() == key


def test_without_the_key_the_lost_secrets_are_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "secret.key").rename(data / "away")
    assert command_line.main(["rotate-key"]) == 1
    said = capsys.readouterr().err
    assert "the credentials of the feed Talk" in said and "Nothing was changed" in said
    assert not (data / "secret.key").exists()
    assert command_line.main(["rotate-key", "--leave-unreadable"]) == 0
    assert "Left as it was, because no key here opens it: the credentials of the feed News" in capsys.readouterr().out


def test_without_a_library_it_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path / "empty"))
    assert command_line.main(["rotate-key"]) == 1
    assert "There is no library" in capsys.readouterr().err
    assert not (tmp_path / "empty" / "castmind.db").exists()
