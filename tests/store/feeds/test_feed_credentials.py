from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.feeds.feed_credentials import CredentialsKind, FeedCredentials
from core.errors import AccessLost
from core.store.db.database import Store
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials, feeds

FEED = "https://pods.example/feed.xml"


@pytest.fixture
def vault(store: Store) -> Vault:
    return Vault.beside(store.path)


def subscribed(store: Store) -> int:
    return store.write(lambda db: feeds.add(db, {"url": FEED, "title": "Private"}, now=1.0))


def keep(store: Store, vault: Vault, feed_id: int, given: FeedCredentials | None) -> None:
    store.write(lambda db: feed_credentials.keep(db, vault, feed_id, given, now=2.0))


def test_what_is_kept_comes_back_and_goes_with_its_feed(store: Store, vault: Vault) -> None:
    feed_id, given = subscribed(store), FeedCredentials.of(FEED, user="anna", password="horse-staple", hosts=["cdn.example"])
    keep(store, vault, feed_id, given)
    assert feed_credentials.of_feed(store.read(), vault, feed_id) == given
    assert feed_credentials.kinds(store.read()) == {feed_id: CredentialsKind.PASSWORD}
    store.write(lambda db: feeds.delete(db, feed_id))
    assert feed_credentials.of_feed(store.read(), vault, feed_id) is None


def test_the_last_one_counts_and_nothing_is_forgotten_by_halves(store: Store, vault: Vault) -> None:
    feed_id = subscribed(store)
    keep(store, vault, feed_id, FeedCredentials.of(FEED, token="old"))
    keep(store, vault, feed_id, FeedCredentials.of(FEED, user_agent="Player/1"))
    assert feed_credentials.kinds(store.read()) == {feed_id: CredentialsKind.AGENT}
    for nothing in (None, FeedCredentials.of(FEED)):
        keep(store, vault, feed_id, FeedCredentials.of(FEED, token="new"))
        keep(store, vault, feed_id, nothing)
        assert feed_credentials.kinds(store.read()) == {}


def test_no_feed_has_no_credentials(store: Store, vault: Vault) -> None:
    assert feed_credentials.of_feed(store.read(), vault, None) is None
    assert not vault.path.exists()


def test_without_the_key_they_are_lost_and_their_kind_is_known(store: Store, vault: Vault) -> None:
    feed_id = subscribed(store)
    keep(store, vault, feed_id, FeedCredentials.of(FEED, token="t"))
    vault.path.unlink()
    with pytest.raises(AccessLost):
        feed_credentials.of_feed(store.read(), vault, feed_id)
    assert feed_credentials.kinds(store.read()) == {feed_id: CredentialsKind.TOKEN}


def test_neither_the_database_nor_its_log_holds_a_secret(store: Store, vault: Vault) -> None:
    keep(
        store,
        vault,
        subscribed(store),
        FeedCredentials.of(FEED, user="annabel", password="horse-staple", headers={"X-Key": "tulip-lamp"}),
    )
    beside = [p for p in Path(store.path).parent.iterdir() if p.name.startswith("castmind.db")]
    assert len(beside) > 1
    for path in beside:
        held = path.read_bytes()
        assert not any(secret in held for secret in (b"annabel", b"horse-staple", b"tulip-lamp"))
