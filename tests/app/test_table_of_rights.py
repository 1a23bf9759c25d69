"""The rows of the table of rights: each is a method, no secret is ever written down, and each role stays in its bounds."""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

import pytest

from core.app.rights import RIGHTS, TOLD, actor_methods, hold
from core.app.services import Parts
from core.domain.accounts.actor import Actor
from core.domain.accounts.audit import AuditEntry
from core.domain.accounts.role import Role
from core.errors import Conflict, NotAllowed

SERVICES = get_type_hints(Parts)
ROWS = [(service, method, right) for service, rows in RIGHTS.items() for method, right in rows.items()]


class Shelf:
    """A service with a method of each kind."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def look(self, actor: Actor) -> str:
        self.called.append("look")
        return "seen"

    def save(self, actor: Actor, name: str, value: str = "") -> None:
        self.called.append("save")
        if value == "taken":
            raise Conflict("It is taken.")

    def prove(self, actor: Actor, password: str) -> None:
        self.called.append("prove")

    def tidy(self) -> None:
        self.called.append("tidy")


class App:
    def __init__(self, shelf: object) -> None:
        self.shelf = shelf


@pytest.fixture
def notes() -> list[AuditEntry]:
    return []


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, notes: list[AuditEntry]) -> Shelf:
    from core.app import rights

    rows = rights._rows(read=("look",), edit=("save",), own_audited=("prove",))
    monkeypatch.setattr(rights, "RIGHTS", {"shelf": rows})
    made = Shelf()
    hold(App(made), ["shelf"], notes.append)
    return made


VIEWER, MEMBER = Actor(2, role=Role.VIEWER, address="10.0.0.2"), Actor(3, role=Role.MEMBER, how="token")


@pytest.mark.parametrize("password", ["hunter2abc", "correct horse battery", "1234567890"])
def test_a_password_is_never_what_a_call_was_about(shelf: Shelf, notes: list[AuditEntry], password: str) -> None:
    shelf.prove(VIEWER, password)
    assert [entry.subject for entry in notes] == [""]


# --- the real table -----------------------------------------------------------------------------------


def test_every_row_is_a_method_and_every_method_has_a_row() -> None:
    for service, rows in RIGHTS.items():
        assert set(rows) == set(actor_methods(SERVICES[service])), service


def test_no_word_that_is_told_can_be_a_secret() -> None:
    secret = {"password", "present", "code", "link", "url", "secret", "token", "text", "value"}
    assert not TOLD & secret
    for service, method, right in ROWS:
        parameters = list(inspect.signature(getattr(SERVICES[service], method)).parameters.values())[2:]
        if right.audited and parameters and parameters[0].name in TOLD:
            assert parameters[0].annotation == "str"


def test_a_viewer_changes_nothing_of_the_library_and_no_member_runs_the_house() -> None:
    for_viewers = {f"{service}.{method}" for service, method, right in ROWS if right.role is Role.VIEWER}
    changing = ("add", "delete", "remove", "retry", "cancel", "transcribe", "restore", "rename", "tag", "import", "upload")
    reading = {"accounts.add_token", "backups.restore_state", "bulk_actions.tags"}
    stray = {name for name in for_viewers if name.split(".")[1].startswith(changing)} - reading
    assert stray == set()
    for_members = {f"{service}.{method}" for service, method, right in ROWS if right.role is Role.MEMBER}
    house = ("settings.", "backups.", "accounts.", "audit.", "logs.", "doctor.", "identities.", "schedules.")
    assert not [name for name in for_members if name.startswith(house)]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_each_method_above_a_role_is_refused(castmind: Any, role: Role) -> None:
    actor = Actor(2, role=role)
    refused = 0
    for service, method, right in ROWS:
        if right.role > role:
            with pytest.raises(NotAllowed):
                getattr(getattr(castmind, service), method)(actor)
            refused += 1
    assert refused > 40
