"""The table of rights: each method of each service refuses every role below its own, and says so in the audit log."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core import app
from core.app.rights import RIGHTS, actor_methods, hold
from core.domain.accounts.actor import SYSTEM, Actor
from core.domain.accounts.audit import AuditEntry
from core.domain.accounts.role import Role
from core.errors import NotAllowed, NotFound

METHODS = [(name, method, right) for name, rows in RIGHTS.items() for method, right in rows.items()]


def actor(role: Role) -> Actor:
    return Actor(7, role=role, how="session", address="192.168.1.30")


def test_every_method_refuses_the_roles_below_its_own(castmind: app.CastMind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is opened: a method that is reached, and not refused, fails in another way."""
    noted: list[AuditEntry] = []
    monkeypatch.setattr(castmind.audit, "_publish", noted.append)
    refused = 0
    for name, method, right in METHODS:
        for role in Role:
            if role < right.role:
                with pytest.raises(NotAllowed):
                    getattr(getattr(castmind, name), method)(actor(role))
                refused += 1
                last = noted[-1]
                assert (last.action, last.outcome, last.user_id) == (f"{name}.{method}", "refused", 7)
    assert refused == len(noted) > 150


def test_the_table_has_the_methods_that_there_are(castmind: app.CastMind) -> None:
    rows = {name: sorted(methods) for name, methods in RIGHTS.items()}
    assert rows == {name: sorted(actor_methods(type(getattr(castmind, name)))) for name in RIGHTS}


@pytest.mark.parametrize(
    "sensitive",
    [
        *("accounts.add", "accounts.change", "accounts.reset_password", "accounts.delete", "accounts.open_again"),
        *("settings.save", "backups.restore", "backups.delete", "trash.purge", "audit.export", "doctor.bundle"),
    ],
)
def test_what_decides_over_others_is_for_admins_and_audited(sensitive: str) -> None:
    name, method = sensitive.split(".")
    assert RIGHTS[name][method].role is Role.ADMIN and RIGHTS[name][method].audited


class Shelf:
    """A service."""

    def put(self, actor: Actor, name: object, *, place: int = 0) -> int:
        if place < 0:
            raise NotFound("no such place")
        if place > 9:
            raise ZeroDivisionError
        return place

    async def move(self, actor: Actor, book: int) -> int:
        await asyncio.sleep(0)
        if book < 0:
            raise NotFound("no such book")
        return book

    def _inside(self, actor: Actor) -> None: ...


class House:
    def __init__(self) -> None:
        self.shelf: Any = Shelf()
        self.noted: list[AuditEntry] = []

    def seen(self) -> list[tuple[str, str, str]]:
        return [(each.action, each.subject, each.outcome) for each in self.noted]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    right = RIGHTS["library"]["retry"]
    monkeypatch.setattr("core.app.rights.RIGHTS", {"shelf": {"put": right, "move": right}})
    made = House()
    hold(made, ["shelf"], made.noted.append)
    return made


def test_a_method_without_a_row_stops_the_start(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.app.rights.RIGHTS", {"shelf": {"move": RIGHTS["library"]["retry"]}})
    with pytest.raises(LookupError, match="put"):
        hold(House(), ["shelf"], print)


def test_each_call_leaves_how_it_ended(house: House) -> None:
    member = actor(Role.MEMBER)
    assert house.shelf.put(member, 3, place=1) == 1
    with pytest.raises(NotFound):
        house.shelf.put(member, "title", place=-1)
    with pytest.raises(ZeroDivisionError):
        house.shelf.put(member, [1, 2], place=10)
    with pytest.raises(NotAllowed):
        house.shelf.put(actor=actor(Role.VIEWER), name=4)
    assert house.seen() == [
        *(("shelf.put", "3", "done"), ("shelf.put", "title", "failed"), ("shelf.put", "2 of them", "failed")),
        ("shelf.put", "", "refused"),
    ]
    assert house.noted[0].address == "192.168.1.30"


def test_a_call_that_is_awaited_is_noted_when_it_has_ended(house: House) -> None:
    begun = house.shelf.move(actor(Role.MEMBER), 3)
    assert house.seen() == []
    assert asyncio.run(begun) == 3
    with pytest.raises(NotFound):
        asyncio.run(house.shelf.move(actor(Role.MEMBER), -3))
    assert house.seen() == [("shelf.move", "3", "done"), ("shelf.move", "-3", "failed")]
    with pytest.raises(NotAllowed):
        house.shelf.move(actor(Role.VIEWER), 3)


@pytest.mark.parametrize("subject", ["my secret words", "a\nb", "x=1", "=cmd", True, None, {"a": 1}, 2.5])
def test_contents_are_not_noted(house: House, subject: object) -> None:
    house.shelf.put(actor(Role.MEMBER), subject)
    assert house.seen() == [("shelf.put", "", "done")]


def test_castmind_itself_may_all_and_is_not_noted(house: House) -> None:
    house.shelf.put(SYSTEM, 3)
    assert house.noted == []


def test_an_actor_without_a_role_may_read_only(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.shelf.put(Actor(1), 3)
