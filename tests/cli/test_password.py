"""`python -m core password`: for whoever cannot sign in any more, with the server running and without it."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest

from core import __main__ as command_line
from core.domain.accounts.role import Role
from core.store.accounts import sessions, users
from core.store.db.database import Store
from core.store.db.sqlite import Database
from tests.running import RunningApp

NEW = "a new password of tests"


def make(data: Path) -> None:
    """Make a library with a second user, who is disabled, has a second factor and an open session."""
    store = Store(data / "castmind.db")
    store.open()

    def fill(db: Database) -> None:
        users.add_owner_if_missing(db, now=1.0)
        ben = users.add(db, "Ben", Role.MEMBER, password="hash", now=1.0)
        users.set_totp(db, ben, "sealed")
        users.set_disabled(db, ben, True, now=2.0)
        sessions.add(db, "digest", ben, now=1.0, ends_at=4e9, address="", agent="")

    store.write(fill)
    store.close()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path))
    make(tmp_path)
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(words))


def test_it_lets_a_user_in_again(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(monkeypatch, f"{NEW}\n")
    assert command_line.main(["password", "BEN"]) == 0
    assert "Ben signs in with the new password now" in capsys.readouterr().out
    store = Store(data / "castmind.db")
    db = store.read()
    found = users.credentials(db, "Ben")
    assert found and found.password != "hash" and found.totp is None
    assert db.execute("SELECT count(*) AS n FROM sessions").fetchone()["n"] == 0
    store.close()


@pytest.mark.parametrize(
    ("user", "words", "said"),
    [("Carla", f"{NEW}\n", "no user Carla"), ("Ben", "short\n", "8"), ("Ben", "", ""), ("Ben", "password\n", "")],
)
def test_what_is_wrong_changes_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: str, words: str, said: str
) -> None:
    typed(monkeypatch, words)
    assert command_line.main(["password", user]) == 1
    assert said in capsys.readouterr().err
    store = Store(data / "castmind.db")
    assert users.credentials(store.read(), "Ben") is None
    store.close()


def test_two_that_differ_in_a_terminal_change_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())
    answers = iter([NEW, "another one of tests"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    assert command_line.main(["password"]) == 1


def test_with_a_running_server_it_goes_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with RunningApp(data) as running:
        monkeypatch.setenv("CASTMIND_DATA_DIR", str(data))
        monkeypatch.setenv("CASTMIND_PORT", str(running.port))
        typed(monkeypatch, f"{NEW}\n")
        assert command_line.main(["password"]) == 0
        assert "admin signs in" in capsys.readouterr().out
        assert httpx.get(f"{running.url}/api/v1/episodes").status_code == 401
        form = {"name": "admin", "password": NEW, "next": "/"}
        answer = httpx.post(f"{running.url}/sign-in", data=form, headers={"Origin": running.url})
        assert answer.status_code == 303
