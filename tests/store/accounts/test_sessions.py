from __future__ import annotations

from functools import partial

import pytest

from core.domain.accounts.audit import AuditEntry
from core.domain.accounts.role import Role
from core.store.accounts import audit_log, sessions, users
from core.store.db.database import Store
from core.store.db.sqlite import Database


@pytest.fixture
def ben(store: Store) -> int:
    return store.write(partial(users.add, name="Ben", role=Role.MEMBER, password="hash", now=0.0))


def begin(store: Store, digest: str, user_id: int = 1, *, now: float = 10.0, ends_at: float = 100.0, place: str = "a b") -> int:
    address, agent = place.split()
    return store.write(
        partial(sessions.add, digest=digest, user_id=user_id, now=now, ends_at=ends_at, address=address, agent=agent)
    )


def test_a_session_lasts_until_its_end(store: Store, ben: int) -> None:
    number = begin(store, "d", ben)
    assert sessions.holder(store.read(), "d", now=99.9) == (number, ben, "Ben", Role.MEMBER, 10.0)
    assert sessions.holder(store.read(), "d", now=100.0) is None
    assert sessions.holder(store.read(), "", now=11.0) is None
    assert sessions.holder(store.read(), "D", now=11.0) is None


def test_the_role_is_the_one_of_now(store: Store, ben: int) -> None:
    begin(store, "d", ben)
    store.write(lambda db: users.set_role(db, ben, Role.VIEWER))
    found = sessions.holder(store.read(), "d", now=11.0)
    assert found and found.role is Role.VIEWER


def test_who_is_disabled_holds_none(store: Store, ben: int) -> None:
    begin(store, "d", ben)
    store.write(lambda db: users.set_disabled(db, ben, True, now=11.0))
    assert sessions.holder(store.read(), "d", now=12.0) is None


def test_a_use_moves_the_end(store: Store) -> None:
    number = begin(store, "d")
    store.write(partial(sessions.touch, session_id=number, now=50.0, ends_at=150.0, address="c"))
    (found,) = sessions.of_user(store.read(), 1, now=120.0)
    assert (found.created_at, found.seen_at, found.ends_at, found.address, found.agent) == (10.0, 50.0, 150.0, "c", "b")
    assert sessions.created_at(store.read(), number) == 10.0
    assert sessions.created_at(store.read(), number + 1) is None


def test_the_open_ones_of_a_user_are_listed_the_last_used_first(store: Store, ben: int) -> None:
    first, second = begin(store, "1"), begin(store, "2", now=20.0)
    begin(store, "3", ends_at=30.0)
    begin(store, "4", ben)
    assert [each.id for each in sessions.of_user(store.read(), 1, now=40.0)] == [second, first]


def test_a_session_of_somebody_else_is_not_revoked(store: Store, ben: int) -> None:
    number = begin(store, "d", ben)
    assert not store.write(lambda db: sessions.revoke(db, 1, number))
    assert sessions.holder(store.read(), "d", now=11.0)
    assert store.write(lambda db: sessions.revoke(db, ben, number))
    assert sessions.holder(store.read(), "d", now=11.0) is None
    assert not store.write(lambda db: sessions.revoke(db, ben, number))


def test_all_but_one_are_revoked(store: Store, ben: int) -> None:
    numbers = [begin(store, str(number), ben) for number in range(3)]
    own = begin(store, "own")
    assert sorted(store.write(lambda db: sessions.revoke_all(db, ben, but=numbers[1]))) == [numbers[0], numbers[2]]
    assert store.write(lambda db: sessions.revoke_all(db, ben)) == [numbers[1]]
    assert [each.id for each in sessions.of_user(store.read(), 1, now=11.0)] == [own]


def test_numbers_are_never_given_again(store: Store) -> None:
    """A page of a session that ended must not become one of its successor."""
    first = begin(store, "1")
    store.write(sessions.clear)
    assert begin(store, "2") > first


def test_ended_ones_are_pruned(store: Store) -> None:
    begin(store, "1", ends_at=50.0)
    begin(store, "2", ends_at=51.0)
    assert store.write(partial(sessions.prune, now=50.0)) == 1
    assert store.write(sessions.clear) == 1


def signed_in(db: Database, user_id: int, address: str, outcome: str = "done") -> None:
    audit_log.add(db, [AuditEntry(1.0, user_id, "", "session", "sign_in", "", outcome, address)])  # type: ignore[arg-type]
