"""Removed feeds: all of their rows come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.errors import Conflict, NotFound
from core.store.db.database import Store
from core.store.feeds import feeds, removed_feeds
from core.store.library import episodes, retention
from tests.store.conftest import add_feed

URL = "https://example.org/feed"


def remove(store: Store, feed_id: int, *, trash: bool = False, now: float = 5.0) -> list[int]:
    there = store.write(lambda db: removed_feeds.keep(db, feed_id, trash=trash, now=now))
    store.write(lambda db: feeds.delete(db, feed_id))
    return there


def test_a_feed_comes_back_with_its_rule_its_episodes_and_a_poll_that_is_due(
    store: Store, add_episode: Callable[..., int]
) -> None:
    number = add_feed(store, URL)
    store.write(lambda db: retention.choose(db, number, {"publisher_transcript": "never"}))
    episode, other = add_episode(feed_id=number, guid="a"), add_episode("of no feed")
    before = feeds.get(store.read(), number)
    assert remove(store, number) == [episode]
    assert episodes.get(store.read(), episode).feed_id is None
    assert store.write(lambda db: removed_feeds.bring_back(db, number, now=9.0)) == (number, [])
    after = feeds.get(store.read(), number)
    assert (after.url, after.title, after.created_at, after.next_poll_at) == (before.url, before.title, before.created_at, 9.0)
    assert retention.publisher_transcript(store.read(), number) == "never"
    assert [episodes.get(store.read(), each).feed_id for each in (episode, other)] == [number, None]
    assert removed_feeds.listing(store.read()) == []


def test_episodes_that_were_in_the_trash_before_are_not_said_to_have_gone_along(
    store: Store, add_episode: Callable[..., int]
) -> None:
    number = add_feed(store, URL)
    kept = add_episode(feed_id=number, guid="a")
    add_episode(feed_id=number, guid="b", deleted_at=3.0)
    assert remove(store, number, trash=True) == [kept]
    (found,) = removed_feeds.listing(store.read())
    assert (found.id, found.episodes, found.trashed, found.removed_at) == (number, 2, 1, 5.0)
    assert store.write(lambda db: removed_feeds.bring_back(db, number, now=9.0)) == (number, [kept])


def test_an_episode_that_another_feed_has_taken_stays_there(store: Store, add_episode: Callable[..., int]) -> None:
    number = add_feed(store, URL)
    episode = add_episode(feed_id=number, guid="a")
    remove(store, number)
    other = add_feed(store, "https://example.org/other")
    store.write(lambda db: episodes.change(db, episode, {"feed_id": other}, now=6.0))
    store.write(lambda db: removed_feeds.bring_back(db, number, now=9.0))
    assert episodes.get(store.read(), episode).feed_id == other


def test_one_that_is_subscribed_again_or_gone_does_not_come_back(store: Store) -> None:
    number = add_feed(store, URL)
    remove(store, number)
    again = add_feed(store, URL)
    with pytest.raises(Conflict) as refused:
        store.write(lambda db: removed_feeds.bring_back(db, number, now=9.0))
    assert refused.value.params["id"] == again
    store.write(lambda db: removed_feeds.delete_old(db, before=5.0))
    assert len(removed_feeds.listing(store.read())) == 1
    store.write(lambda db: removed_feeds.delete_old(db, before=5.1))
    with pytest.raises(NotFound):
        store.write(lambda db: removed_feeds.bring_back(db, number, now=9.0))
    with pytest.raises(NotFound):
        store.write(lambda db: removed_feeds.keep(db, 99, trash=False, now=9.0))
