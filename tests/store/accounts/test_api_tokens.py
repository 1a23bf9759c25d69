from __future__ import annotations

from functools import partial

import pytest

from core.domain.accounts.role import Role, TokenScope
from core.domain.accounts.user import ApiToken
from core.store.accounts import api_tokens, users
from core.store.db.database import Store


@pytest.fixture
def ben(store: Store) -> int:
    return store.write(partial(users.add, name="Ben", role=Role.MEMBER, password="hash", now=0.0))


def make(store: Store, digest: str, user_id: int, *, ends_at: float | None = None, scope: TokenScope = TokenScope.WRITE) -> int:
    made = ApiToken(99, user_id, "backup script", "abcd", scope, 10.0, None, ends_at)
    return store.write(lambda db: api_tokens.add(db, made, digest))


def test_a_token_is_known_by_its_digest_until_its_end(store: Store, ben: int) -> None:
    number = make(store, "d", ben, ends_at=100.0)
    assert number != 99
    assert api_tokens.bearer(store.read(), "d", now=99.0) == (number, ben, "Ben", Role.MEMBER, TokenScope.WRITE, None)
    assert api_tokens.bearer(store.read(), "d", now=100.0) is None
    assert api_tokens.bearer(store.read(), "e", now=11.0) is None


def test_one_without_an_end_lasts_until_it_is_revoked(store: Store, ben: int) -> None:
    number = make(store, "d", ben)
    assert api_tokens.bearer(store.read(), "d", now=1e12)
    assert not store.write(lambda db: api_tokens.revoke(db, 1, number)), "it is somebody else's"
    assert store.write(lambda db: api_tokens.revoke(db, ben, number))
    assert api_tokens.bearer(store.read(), "d", now=11.0) is None
    assert not store.write(lambda db: api_tokens.revoke(db, ben, number))


def test_who_is_disabled_bears_none(store: Store, ben: int) -> None:
    make(store, "d", ben)
    store.write(lambda db: users.set_disabled(db, ben, True, now=11.0))
    assert api_tokens.bearer(store.read(), "d", now=12.0) is None


def test_they_are_listed_by_user_the_newest_first_ended_ones_too(store: Store, ben: int) -> None:
    first, second = make(store, "1", ben, ends_at=11.0), make(store, "2", ben, scope=TokenScope.READ)
    make(store, "3", 1)
    store.write(lambda db: api_tokens.touch(db, first, now=20.0))
    found = api_tokens.of_user(store.read(), ben)
    assert [(each.id, each.scope, each.used_at, each.ends_at) for each in found] == [
        (second, TokenScope.READ, None, None),
        (first, TokenScope.WRITE, 20.0, 11.0),
    ]
    assert api_tokens.count(store.read(), ben) == 2
    bearer = api_tokens.bearer(store.read(), "2", now=1.0)
    assert bearer and bearer.used_at is None
