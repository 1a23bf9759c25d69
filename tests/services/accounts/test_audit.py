"""The audit log: written by events, exported whole, harmless in a spreadsheet, kept for a time."""

from __future__ import annotations

import csv
import io
from functools import partial

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.accounts.audit import AuditEntry
from core.services.accounts.audit import COLUMNS, KEEP_DAYS, PAGE
from core.store.accounts import audit_log
from tests.accounts_fixture import Household

DAY = 86_400.0


def entry(**values: object) -> AuditEntry:
    plain = {"at": 0.0, "user_id": 1, "user_name": "", "how": "session", "action": "library.retry", "subject": "7"}
    return AuditEntry(**{**plain, "outcome": "done", **values})  # type: ignore[arg-type]


def exported(house: Household) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(house.audit.export(OWNER)), newline="")))


def test_an_entry_has_the_name_that_the_user_has(house: Household) -> None:
    house.settle_in()
    for each in (entry(), entry(user_id=99), entry(user_id=None), entry(user_name="Eve")):
        house.audit.note(each)
    assert house.store.events.settle()
    names = [each.user_name for each in house.audit.page(OWNER, action="library.")]
    assert names == ["Eve", "", "", "Anna"]


def test_it_is_exported_whole(house: Household) -> None:
    rows = [entry(at=float(number), subject=str(number)) for number in range(PAGE + 5)]
    house.store.write(lambda db: audit_log.add(db, rows))
    head, *found = exported(house)
    assert tuple(head) == COLUMNS
    assert [row[4] for row in found] == [str(number) for number in range(PAGE + 4, -1, -1)]
    assert found[-1][0] == "1970-01-01T00:00:00+00:00"


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_calculates_no_name(house: Household, name: str) -> None:
    house.store.write(lambda db: audit_log.add(db, [entry(user_name=name)]))
    assert exported(house)[1][1] == f"'{name}"


@pytest.mark.parametrize("name", ['a,"b"', "a\nEve,session,sign_in,,done,", "a\r\nb", "', ''); DROP TABLE users; --"])
def test_a_name_makes_no_other_row_or_cell(house: Household, name: str) -> None:
    house.store.write(lambda db: audit_log.add(db, [entry(user_name=name)]))
    found = exported(house)
    assert len(found) == 2 and found[1][1] == name


def test_what_is_old_goes(house: Household) -> None:
    rows = [entry(at=each, subject=str(each)) for each in (0.0, 2 * DAY)]
    house.store.write(lambda db: audit_log.add(db, rows))
    house.audit.step((KEEP_DAYS + 1) * DAY)
    assert [each.at for each in house.audit.page(OWNER)] == [2 * DAY]


def test_the_newest_stay_of_very_many(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.services.accounts.audit.MOST_ROWS", 2)
    house.store.write(partial(audit_log.add, entries=[entry(at=float(number)) for number in range(5)]))
    house.audit.step(5.0)
    assert [each.at for each in house.audit.page(OWNER)] == [4.0, 3.0]
