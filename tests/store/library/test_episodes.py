from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial

import pytest

from core.domain.feeds import people
from core.domain.feeds.people import Person
from core.domain.jobs.job import Stage
from core.errors import NotFound
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.jobs import jobs, leases
from core.store.library import episodes
from tests.store.conftest import add_feed

Add = Callable[..., int]


def test_what_was_added_is_found(store: Store, add_episode: Add) -> None:
    episode = episodes.get(store.read(), add_episode("A talk", sha256="ab", duration=3.5, now=7.0))
    assert (episode.title, episode.source, episode.duration, episode.created_at) == ("A talk", "upload", 3.5, 7.0)
    assert episodes.with_sha256(store.read(), "ab") == episode
    assert episodes.with_sha256(store.read(), "cd") is None


def test_a_change_sets_columns_and_the_time(store: Store, episode_id: int) -> None:
    store.write(lambda db: episodes.change(db, episode_id, {"title": "New"}, now=50.0))
    episode = episodes.get(store.read(), episode_id)
    assert (episode.title, episode.updated_at) == ("New", 50.0)


def test_what_is_not_there_is_not_found(store: Store) -> None:
    assert episodes.find(store.read(), 9) is None
    for ask in (episodes.get, partial(episodes.listed, user_id=None)):
        with pytest.raises(NotFound):
            ask(store.read(), 9)
    with pytest.raises(NotFound):
        store.write(lambda db: episodes.change(db, 9, {"title": "New"}, now=0.0))


def test_ids_are_never_used_twice(store: Store, add_episode: Add) -> None:
    """Files carry the id in their name: a new episode must not inherit those of a deleted one."""
    first = add_episode()
    store.write(lambda db: episodes.delete(db, first))
    assert add_episode() > first


def test_a_feed_holds_each_guid_once(store: Store, add_episode: Add) -> None:
    feed, other = add_feed(store), add_feed(store, "https://example.org/other")
    add_episode(feed_id=feed, guid="g")
    add_episode(feed_id=other, guid="g")
    add_episode(guid="g")
    for _ in range(2):
        add_episode(feed_id=feed)

    def two(db: Database) -> None:
        for guid in ("new", "g"):
            episodes.add(db, {"title": "x", "source": "feed", "feed_id": feed, "guid": guid}, now=0.0)

    with pytest.raises(sqlite3.IntegrityError):
        store.write(two)
    assert [k.guid for k in episodes.known(store.read(), feed)] == ["g", None, None]


def test_episodes_of_a_removed_feed_stay_also_when_their_guids_are_the_same(store: Store, add_episode: Add) -> None:
    gone = [add_feed(store), add_feed(store, "https://example.org/other")]
    kept = [add_episode(feed_id=feed, guid="g", source="feed", enclosure_url="https://a/b") for feed in gone]
    for feed in gone:
        store.write(partial(feeds.delete, feed_id=feed))
    assert [k.episode_id for k in episodes.left_behind(store.read())] == kept
    assert {e.feed_id for e in (episodes.get(store.read(), i) for i in kept)} == {None}


def test_deleting_an_episode_takes_everything_about_it_along(store: Store, episode_id: int) -> None:
    store.write(lambda db: jobs.enqueue(db, episode_id, priority=0, now=0.0))
    job = store.write(lambda db: leases.claim(db, Stage.FETCH, now=0.0))
    assert job
    store.write(lambda db: leases.add_checkpoint(db, job, "k", {}, now=0.0))
    store.write(lambda db: episodes.delete(db, episode_id))
    assert jobs.of_episode(store.read(), episode_id) == []
    assert leases.checkpoints(store.read(), episode_id, Stage.FETCH) == {}


# --- for a list -----------------------------------------------------------------------------------------


def test_an_episode_that_nothing_was_asked_of_has_no_state(store: Store, episode_id: int) -> None:
    assert episodes.listed(store.read(), episode_id, user_id=None).state is None


def test_the_episodes_that_came_with_a_subscription_newest_first(store: Store, add_episode: Add) -> None:
    feed = add_feed(store)
    there = [add_episode(feed_id=feed, published_at=float(n), now=0.0) for n in range(4)]
    add_episode(feed_id=feed, published_at=99.0, now=5.0)
    assert episodes.there_at_subscription(store.read(), feed, newest=2) == [there[3], there[2]]


def test_titles_and_media_paths(store: Store, add_episode: Add) -> None:
    one, two = add_episode("one", media_path="uploads/a.mp3"), add_episode("two")
    assert episodes.titles(store.read(), [one, two, 99]) == {one: "one", two: "two"}
    assert episodes.titles(store.read(), []) == {}
    assert [e.id for e in episodes.with_media(store.read(), "uploads/a.mp3")] == [one]


def test_the_people_of_a_feed_come_with_its_newest_episodes(store: Store, add_episode: Add) -> None:
    feed_id, other = add_feed(store, "https://a/"), add_feed(store, "https://b/")

    def credited(name: str, day: float, *, feed: int = feed_id, **values: object) -> None:
        row = {"source": "feed", "feed_id": feed, "guid": name, "published_at": day} | values
        add_episode(name, people=people.written([Person(name)]), **row)

    for day, name in enumerate(("Ada", "Ben", "Cleo")):
        credited(name, float(day))
    credited("Dan", 9.0, feed=other)
    credited("Eve", 9.0, deleted_at=1.0)
    add_episode("nobody", source="feed", feed_id=feed_id, guid="nobody", published_at=3.0)
    found = episodes.people_of_feed(store.read(), feed_id, newest=3)
    assert found == [(Person("Cleo"),), (Person("Ben"),)]
