from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from core.domain.accounts.audit import AuditEntry
from core.store.accounts import audit_log
from core.store.db.database import Store

ENTRY = AuditEntry(1.0, 1, "Anna", "session", "library.retry", "7", "done", "192.168.1.20")


@pytest.fixture
def filled(store: Store) -> Store:
    """Ten entries at the seconds 0 to 9: those of even ones are of user 1."""
    rows = [
        AuditEntry(float(number), 1 + number % 2, "", "token", "sign_in" if number < 5 else "library.retry", str(number), "done")
        for number in range(10)
    ]
    store.write(lambda db: audit_log.add(db, rows))
    return store


def test_an_entry_is_kept_whole(store: Store) -> None:
    store.write(lambda db: audit_log.add(db, [ENTRY]))
    (found,) = audit_log.page(store.read())
    assert found.id > 0
    assert found == AuditEntry(**{**{name: getattr(ENTRY, name) for name in ENTRY.__slots__}, "id": found.id})


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [
        ({}, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ({"limit": 3}, [9, 8, 7]),
        ({"user_id": 2, "limit": 2}, [9, 7]),
        ({"action": "sign_in"}, [4, 3, 2, 1, 0]),
        ({"action": "library."}, [9, 8, 7, 6, 5]),
        ({"action": "%"}, []),
        ({"action": "_ign_in"}, []),
        ({"since": 7.0}, [9, 8, 7]),
        ({"user_id": 1, "action": "sign", "since": 1.0}, [4, 2]),
    ],
)
def test_the_newest_come_first(filled: Store, wanted: dict[str, Any], seconds: list[int]) -> None:
    assert [int(each.at) for each in audit_log.page(filled.read(), **wanted)] == seconds


def test_pages_follow_one_another(filled: Store) -> None:
    seen: list[int] = []
    before = None
    while found := audit_log.page(filled.read(), before=before, limit=4):
        seen += [int(each.at) for each in found]
        before = found[-1].id
    assert seen == list(range(9, -1, -1))


@pytest.mark.parametrize(("before", "most", "left"), [(4.0, 100, 6), (0.0, 3, 3), (8.0, 5, 2), (0.0, 100, 10), (99.0, 5, 0)])
def test_it_is_pruned_by_age_and_number(filled: Store, before: float, most: int, left: int) -> None:
    assert filled.write(partial(audit_log.prune, before=before, most=most)) == 10 - left
    assert [int(each.at) for each in audit_log.page(filled.read())] == list(range(9, 9 - left, -1))
