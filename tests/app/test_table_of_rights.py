"""The rows of the table of rights: each is a method, no secret is ever written down, and each role stays in its bounds."""

from __future__ import annotations

import inspect
from typing import get_type_hints

import pytest

from core.app.rights import RIGHTS, TOLD, hold
from core.app.services import Parts
from core.domain.accounts.actor import Actor
from core.domain.accounts.audit import AuditEntry
from core.domain.accounts.role import Role

SERVICES = get_type_hints(Parts)
ROWS = [(service, method, right) for service, rows in RIGHTS.items() for method, right in rows.items()]


class Shelf:
    def prove(self, actor: Actor, password: str) -> None:
        """Do nothing: what is noted of the call counts."""


class App:
    def __init__(self, shelf: object) -> None:
        self.shelf = shelf


@pytest.fixture
def notes() -> list[AuditEntry]:
    return []


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, notes: list[AuditEntry]) -> Shelf:
    from core.app import rights

    rows = rights._rows(own_audited=("prove",))
    monkeypatch.setattr(rights, "RIGHTS", {"shelf": rows})
    made = Shelf()
    hold(App(made), ["shelf"], notes.append)
    return made


VIEWER = Actor(2, role=Role.VIEWER, address="10.0.0.2")


@pytest.mark.parametrize("password", ["hunter2abc", "correct horse battery", "1234567890"])
def test_a_password_is_never_what_a_call_was_about(shelf: Shelf, notes: list[AuditEntry], password: str) -> None:
    shelf.prove(VIEWER, password)
    assert [entry.subject for entry in notes] == [""]


# --- the real table -----------------------------------------------------------------------------------


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
