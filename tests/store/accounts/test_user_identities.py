from __future__ import annotations

from functools import partial

from core.domain.accounts.actor import OWNER
from core.domain.accounts.identity import Identity
from core.store.accounts import user_identities
from core.store.db.database import Store

ANNA = Identity("https://auth.example.net", "person-1", "anna")


def test_an_identity_finds_its_user(store: Store) -> None:
    assert user_identities.user_of(store.read(), ANNA) is None
    store.write(partial(user_identities.link, user_id=OWNER.user_id, identity=ANNA, now=1.0))
    assert user_identities.user_of(store.read(), ANNA) == OWNER.user_id
    assert user_identities.user_of(store.read(), Identity(ANNA.issuer, "PERSON-1", "")) is None
    assert user_identities.user_of(store.read(), Identity("https://other.example", "person-1", "")) is None


def test_one_at_each_provider(store: Store) -> None:
    other = Identity("https://other.example", "7", "")
    again = Identity(ANNA.issuer, "person-2", "anna two")
    for at, identity in enumerate((ANNA, other, again)):
        store.write(partial(user_identities.link, user_id=OWNER.user_id, identity=identity, now=float(at)))
    assert user_identities.of_user(store.read(), OWNER.user_id) == [other, again]
    store.write(partial(user_identities.relabel, identity=Identity(ANNA.issuer, "person-2", "new")))
    assert [each.label for each in user_identities.of_user(store.read(), OWNER.user_id)] == ["", "new"]
    assert store.write(partial(user_identities.unlink, user_id=OWNER.user_id)) == 2
    assert user_identities.of_user(store.read(), OWNER.user_id) == []
