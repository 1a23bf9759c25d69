"""The audit log: what is in it, how it is taken out, and how it ends."""

from __future__ import annotations

import csv
import io

import pytest

from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.audit import AuditEntry
from core.services.accounts.audit import COLUMNS, KEEP_DAYS
from core.store.accounts import audit_log
from tests.accounts_fixture import Household

AT = 1_700_000_000.0


def entry(house: Household, action: str = "library.delete", *, at: float = AT, user_id: int | None = 1, **values: str) -> None:
    given = {"user_name": "", "subject": "7", "address": "10.0.0.2", **values}
    house.audit.note(AuditEntry(at, user_id, given["user_name"], "session", action, given["subject"], "done", given["address"]))


def test_an_entry_has_the_name_that_the_user_has_then(house: Household, owner: Actor) -> None:
    entry(house)
    house.accounts.change(owner, 1, name="Anna the second")
    entry(house)
    names = [each.user_name for each in house.entries() if each.action == "library.delete"]
    assert names == ["Anna", "Anna the second"]


def test_a_user_who_is_gone_leaves_an_entry(house: Household) -> None:
    entry(house, user_id=99)
    entry(house, user_id=None)
    assert [each.user_name for each in house.entries()] == ["", ""]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\tx", "a\nb", 'a"b,c', "\x1b[31m"])
def test_the_export_is_harmless_in_a_spreadsheet(house: Household, name: str) -> None:
    entry(house, user_name=name, subject=name)
    rows = list(csv.reader(io.StringIO("".join(house.audit.export(OWNER)))))
    assert rows[0] == list(COLUMNS) and len(rows) == 2
    assert not rows[1][1].startswith(("=", "+", "-", "@", "\t"))


def test_pages_go_back_in_time(house: Household) -> None:
    for number in range(7):
        entry(house, f"library.act_{number}", at=AT + number)
    first = house.audit.page(OWNER, limit=3)
    second = house.audit.page(OWNER, limit=3, before=first[-1].id)
    assert [each.action[-1] for each in [*first, *second]] == ["6", "5", "4", "3", "2", "1"]
    assert [each.action for each in house.audit.page(OWNER, action="library.act_2")] == ["library.act_2"]
    assert house.audit.page(OWNER, user_id=2) == []


def test_old_entries_go(house: Household) -> None:
    entry(house, at=AT - (KEEP_DAYS + 1) * 86_400)
    entry(house, at=AT)
    house.audit.step(AT)
    assert [each.at for each in house.entries()] == [AT]


def test_the_number_of_rows_has_an_end(house: Household) -> None:
    for number in range(5):
        entry(house, at=AT + number)
    house.store.write(lambda db: audit_log.prune(db, before=0.0, most=2))
    assert [each.at for each in house.entries()] == [AT + 3, AT + 4]
