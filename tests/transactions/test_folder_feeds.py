"""Folders of own files as feeds."""

from __future__ import annotations

from functools import partial

import pytest

from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.library import episodes
from core.transactions import folder_feeds


def add(store: Store, feed_id: int | None = None) -> int:
    return store.write(partial(episodes.add, values={"title": "A talk", "source": "inbox", "feed_id": feed_id}, now=1.0))


def move(store: Store, number: int, *folder: str) -> str | None:
    known = episodes.get(store.read(), number)
    store.write(lambda db: folder_feeds.move(db, known, folder, now=2.0))
    feed_id = episodes.get(store.read(), number).feed_id
    return feeds.get(store.read(), feed_id).title if feed_id else None


def test_a_folder_is_one_feed_that_is_transcribed(store: Store) -> None:
    assert store.write(lambda db: folder_feeds.feed_of(db, (), now=1.0)) is None
    made = store.write(lambda db: folder_feeds.feed_of(db, ("Talks", "2026"), now=1.0))
    again = store.write(lambda db: folder_feeds.feed_of(db, ("Talks", "2026"), now=9.0))
    assert made and again and made.id == again.id and made.auto_transcribe
    assert len(feeds.listing(store.read())) == 1


def test_a_file_follows_its_folder_and_stays_where_it_was_out_of_all(store: Store) -> None:
    number = add(store)
    first = move(store, number, "Talks")
    assert first and "Talks" in first
    second = move(store, number, "Music")
    assert second and "Music" in second
    assert move(store, number) == second


@pytest.mark.parametrize("folder", [("Talks",), ()])
def test_an_episode_of_a_publisher_stays_in_its_feed(store: Store, folder: tuple[str, ...]) -> None:
    feed = store.write(lambda db: feeds.add(db, {"url": "https://example.org/feed", "title": "A show"}, now=1.0))
    assert move(store, add(store, feed), *folder) == "A show"
