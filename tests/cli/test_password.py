"""`python -m core password`: with and without a running server, with input that is broken."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core import __main__ as command_line
from core.access.passwords import Passwords
from core.domain.accounts.role import Role
from core.domain.accounts.user import User
from core.ops import server_client
from core.store.accounts import sessions, users
from core.store.db.database import Store
from core.store.db.folder_lock import DataFolderLock
from tests.accounts_fixture import CHEAP, OTHER, PASSWORD


@contextmanager
def opened(data: Path) -> Iterator[Store]:
    store = Store(data / "castmind.db")
    store.open()
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library with Ben, who is disabled, has a second factor and a session."""
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("core.cli.password.Passwords", lambda: Passwords(CHEAP))
    with opened(tmp_path) as store:
        ben = store.write(lambda db: users.add(db, "Ben", Role.ADMIN, password=CHEAP.hash(OTHER), now=0.0))
        store.write(lambda db: users.set_totp(db, ben, "sealed"))
        store.write(lambda db: users.set_disabled(db, ben, True, now=0.0))
        store.write(lambda db: sessions.add(db, "digest", ben, now=0.0, ends_at=9e9, address="", agent=""))
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, typed: bytes, *user: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
    return command_line.main(["password", *user])


def found(data: Path, name: str = "Ben") -> tuple[User, str | None, int]:
    """Return the user, the stored hash and the number of sessions."""
    with opened(data) as store:
        user = users.by_name(store.read(), name)
        assert user
        rows = store.read().execute("SELECT count(*) FROM sessions WHERE user_id = ?", [user.id]).fetchone()[0]
        return user, users.credentials_of(store.read(), user.id).password, rows


def is_set(data: Path, password: str, name: str = "Ben") -> bool:
    return Passwords(CHEAP).verify(found(data, name)[1], password)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"", b"\nanother line\n"])
def test_it_lets_somebody_in_again(data: Path, monkeypatch: pytest.MonkeyPatch, end: bytes) -> None:
    assert run(monkeypatch, PASSWORD.encode() + end, "BEN") == 0
    user, _, rows = found(data)
    assert is_set(data, PASSWORD) and not is_set(data, OTHER)
    assert (user.disabled, user.totp, rows) == (False, False, 0)


def test_without_a_name_it_is_that_of_the_first_user(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, PASSWORD.encode()) == 0
    said = capsys.readouterr().out
    assert said.startswith("admin signs in") and PASSWORD not in said
    assert is_set(data, PASSWORD, "admin") and not is_set(data, PASSWORD)


@pytest.mark.parametrize("typed", [b"", b"\n", b"short\n", b"password\n", b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\n", b"x" * 5_000])
def test_input_that_is_no_password_changes_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: bytes
) -> None:
    assert run(monkeypatch, typed, "Ben") == 1
    assert "othing was changed" in capsys.readouterr().err
    assert is_set(data, OTHER) and found(data)[2] == 1


def test_a_user_who_is_not_there_changes_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, PASSWORD.encode(), "Ben' OR '1'='1") == 1
    assert is_set(data, OTHER) and found(data, "admin")[1] is None


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code"), [([PASSWORD, PASSWORD], 0), ([PASSWORD, OTHER], 1), ([PASSWORD], 1), ([], 1)])
def test_in_a_terminal_it_is_typed_twice(data: Path, monkeypatch: pytest.MonkeyPatch, typed: list[str], code: int) -> None:
    lines = iter(typed)

    def ask(_prompt: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", ask)
    assert command_line.main(["password", "Ben"]) == code
    assert is_set(data, PASSWORD) == (code == 0)


def test_while_a_server_runs_it_asks_the_server(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def set_password(user: str, password: str, values: Any) -> str:
        asked.append((user, password, values.data))
        return "Ben"

    monkeypatch.setattr(server_client, "set_password", set_password)
    lock = DataFolderLock(data)
    lock.acquire()
    try:
        assert run(monkeypatch, PASSWORD.encode(), "Ben") == 0
    finally:
        lock.release()
    assert asked == [("Ben", PASSWORD, data)] and is_set(data, OTHER)


def test_a_server_that_does_not_answer_leaves_all_as_it_is(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CASTMIND_PORT", "1")
    lock = DataFolderLock(data)
    lock.acquire()
    try:
        assert run(monkeypatch, PASSWORD.encode(), "Ben") == 1
    finally:
        lock.release()
    assert "Nothing was changed" in capsys.readouterr().err.replace("Nothing \nwas", "Nothing was")
    assert is_set(data, OTHER)
