from __future__ import annotations

from functools import partial

import pytest

from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.role import Role, TokenScope
from core.domain.accounts.user import ApiToken
from core.errors import NotFound, UserNameTaken
from core.store.accounts import api_tokens, sessions, user_preferences, users
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes, reading_states


def test_a_library_without_its_owner_gets_one_and_marks_can_be_saved(store: Store, episode_id: int) -> None:
    assert users.has_owner(store.read())
    store.write(lambda db: db.execute("DELETE FROM users"))
    assert not users.has_owner(store.read())
    for _ in range(2):
        store.write(partial(users.add_owner_if_missing, now=1.0))
    assert users.has_owner(store.read())
    store.write(lambda db: reading_states.mark(db, OWNER.user_id, [episode_id], column="read_at", at=2.0))
    assert episodes.listed(store.read(), episode_id, user_id=OWNER.user_id).reading.read_at == 2.0


def add(store: Store, name: str, role: Role = Role.VIEWER, password: str | None = "hash") -> int:
    return store.write(partial(users.add, name=name, role=role, password=password, now=2.0))


def test_the_first_user_is_an_admin_without_a_password(store: Store) -> None:
    (owner,) = users.every(store.read())
    assert (owner.id, owner.name, owner.role, owner.password, owner.totp, owner.disabled, owner.seen_at) == (
        *(OWNER.user_id, "admin", Role.ADMIN, False, False, False, None),
    )
    assert not users.any_password(store.read()) and users.admins(store.read()) == set()


def test_a_user_is_found_by_name_in_whatever_case(store: Store) -> None:
    ben = add(store, "Ben", Role.MEMBER)
    for name in ("Ben", "ben", " BEN ", "ＢＥＮ"):
        found = users.credentials(store.read(), name)
        assert found == users.credentials_of(store.read(), ben)
        assert found and (found.user_id, found.role, found.password, found.totp) == (ben, Role.MEMBER, "hash", None)
    assert users.credentials(store.read(), "nobody") is None
    assert users.credentials(store.read(), "Ben' OR '1'='1") is None


def test_a_name_is_given_once(store: Store) -> None:
    ben = add(store, "Ben")
    with pytest.raises(UserNameTaken):
        add(store, "ＢＥＮ")
    carl = add(store, "Carl")
    with pytest.raises(UserNameTaken):
        store.write(lambda db: users.rename(db, carl, "ben"))
    assert [user.name for user in users.every(store.read())] == ["admin", "Ben", "Carl"]
    store.write(lambda db: users.rename(db, ben, "BEN"))
    assert users.get(store.read(), ben).name == "BEN"


def test_who_is_disabled_cannot_sign_in_and_counts_for_nothing(store: Store) -> None:
    ben = add(store, "Ben", Role.ADMIN)
    assert users.any_password(store.read()) and users.admins(store.read()) == {ben}
    store.write(lambda db: users.set_disabled(db, ben, True, now=3.0))
    assert users.get(store.read(), ben).disabled
    assert users.credentials(store.read(), "Ben") is None
    assert not users.any_password(store.read()) and users.admins(store.read()) == set()
    store.write(lambda db: users.set_disabled(db, ben, False, now=4.0))
    assert users.credentials(store.read(), "Ben") and users.admins(store.read()) == {ben}


def test_an_admin_is_one_who_can_sign_in(store: Store) -> None:
    add(store, "without a password", Role.ADMIN, None)
    add(store, "a member", Role.MEMBER)
    assert users.admins(store.read()) == set()
    store.write(lambda db: users.set_password(db, OWNER.user_id, "hash"))
    assert users.admins(store.read()) == {OWNER.user_id}


def test_a_step_of_the_second_factor_is_used_once_and_never_goes_back(store: Store) -> None:
    store.write(lambda db: users.set_totp(db, OWNER.user_id, "sealed"))
    assert users.get(store.read(), OWNER.user_id).totp
    used = [store.write(partial(users.use_step, user_id=OWNER.user_id, step=step)) for step in (100, 100, 99, 101)]
    assert used == [True, False, False, True]
    store.write(lambda db: users.set_totp(db, OWNER.user_id, None))
    assert users.credentials_of(store.read(), OWNER.user_id).totp_step == 0


def test_with_a_user_goes_all_that_is_personal(store: Store, episode_id: int) -> None:
    ben = add(store, "Ben")

    def keep(db: Database) -> None:
        sessions.add(db, "digest", ben, now=1.0, ends_at=9.0, address="", agent="")
        api_tokens.add(db, ApiToken(0, ben, "a", "hint", TokenScope.READ, 1.0, None, None), "digest")
        user_preferences.save(db, Actor(ben), "zoom", "2", now=1.0)
        reading_states.mark(db, ben, [episode_id], column="starred_at", at=1.0)

    store.write(keep)
    tables = ("sessions", "api_tokens", "user_preferences", "reading_states")
    count = [f"SELECT count(*) FROM {table} WHERE user_id = {ben}" for table in tables]
    assert [store.read().execute(each).fetchone()[0] for each in count] == [1] * 4
    store.write(lambda db: users.delete(db, ben))
    assert [store.read().execute(each).fetchone()[0] for each in count] == [0] * 4
    for lookup in (users.get, users.credentials_of):
        with pytest.raises(NotFound):
            lookup(store.read(), ben)


def test_the_last_use_of_any_session_is_that_of_the_user(store: Store) -> None:
    for number in (5.0, 7.0, 6.0):
        store.write(partial(sessions.add, digest=str(number), user_id=1, now=number, ends_at=99.0, address="", agent=""))
    assert users.get(store.read(), 1).seen_at == 7.0
