from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.domain.job import Next, Stage, State
from core.errors import NotFound, UserError
from core.store import episodes, feeds, jobs
from core.store.db import Store
from tests.store.conftest import add_feed

Add = Callable[..., int]


def ids(store: Store, **options: Any) -> list[int]:
    return [i.episode.id for i in episodes.listing(store.read(), **options).items]


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
    for ask in (episodes.get, episodes.listed):
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

    def two(db: Any) -> None:
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
    job = store.write(lambda db: jobs.claim(db, Stage.FETCH, now=0.0))
    assert job
    store.write(lambda db: jobs.add_checkpoint(db, job, "k", {}, now=0.0))
    store.write(lambda db: episodes.delete(db, episode_id))
    assert jobs.of_episode(store.read(), episode_id) == []
    assert jobs.checkpoints(store.read(), episode_id, Stage.FETCH) == {}


# --- the listing ----------------------------------------------------------------------------------------


def test_newest_first_by_when_they_were_published_or_came_in(store: Store, add_episode: Add) -> None:
    old, new, middle = add_episode(now=10.0), add_episode(now=30.0), add_episode(now=99.0, published_at=20.0)
    assert ids(store) == [new, middle, old]


def test_pages_join_without_gaps_or_repeats_also_at_equal_times(store: Store, add_episode: Add) -> None:
    added = [add_episode(now=float(n // 3)) for n in range(10)]
    seen: list[int] = []
    cursor = None
    for _ in range(4):
        page = episodes.listing(store.read(), limit=3, cursor=cursor)
        seen += [i.episode.id for i in page.items]
        cursor = page.next_cursor
    assert seen == added[::-1]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["x", "[]", "[1]", "{}", "1", '["a", 1]', "[1, 1e999]", "[1, null]"])
def test_a_cursor_that_no_listing_gave_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(UserError):
        episodes.listing(store.read(), cursor=cursor)


def test_titles_are_searched_as_they_are_written(store: Store, add_episode: Add) -> None:
    percent, chinese = add_episode("100% of it_all"), add_episode("关于猫")
    add_episode("100 of it all")
    assert ids(store, query="100% OF") == [percent]
    assert ids(store, query="it_a") == [percent]
    assert ids(store, query=" 猫 ") == [chinese]
    assert ids(store, query="\\") == []


def test_one_feed_alone(store: Store, add_episode: Add) -> None:
    feed = add_feed(store)
    add_episode()
    mine = add_episode(feed_id=feed)
    assert ids(store, feed_id=feed) == [mine]
    assert episodes.listed(store.read(), mine).feed_title == "A feed"
    assert [e.id for e in episodes.of_feed(store.read(), feed)] == [mine]


@pytest.mark.parametrize("state", list(State))
def test_a_filter_by_state_gives_those_that_show_it(store: Store, add_episode: Add, state: State) -> None:
    for first in State:
        episode = add_episode()
        stages = [Stage.FETCH] if first is State.DONE else [Stage.FETCH, Stage.TRANSCRIBE]
        store.write(partial(jobs.enqueue, episode_id=episode, priority=0, now=0.0, stages=stages))
        if first is not State.QUEUED:
            job = store.write(lambda db: jobs.claim(db, Stage.FETCH, now=0.0))
            assert job
            assert job.episode_id == episode
        if first not in (State.QUEUED, State.RUNNING):
            assert job
            what = Next(first, not_before=1e12)
            store.write(partial(jobs.set_aside, job=job, what=what, now=0.0))
        if first is State.QUEUED:
            # Out of the way of the next ones' claims.
            store.write(lambda db: db.execute("UPDATE jobs SET not_before = 1e12 WHERE state = 'queued'"))
    add_episode("nothing asked for")
    found = episodes.listing(store.read(), state=state).items
    assert [i.state for i in found] == [state]


def test_an_episode_that_nothing_was_asked_of_has_no_state(store: Store, episode_id: int) -> None:
    assert episodes.listed(store.read(), episode_id).state is None


def test_the_episodes_that_came_with_a_subscription_newest_first(store: Store, add_episode: Add) -> None:
    feed = add_feed(store)
    there = [add_episode(feed_id=feed, published_at=float(n), now=0.0) for n in range(4)]
    add_episode(feed_id=feed, published_at=99.0, now=5.0)
    assert episodes.there_at_subscription(store.read(), feed, newest=2) == [there[3], there[2]]


def test_titles_and_media_paths(store: Store, add_episode: Add) -> None:
    one, two = add_episode("one", media_path="uploads/a.mp3"), add_episode("two")
    assert episodes.titles(store.read(), [one, two, 99]) == {one: "one", two: "two"}
    assert episodes.titles(store.read(), []) == {}
    assert episodes.media_paths(store.read()) == {"uploads/a.mp3"}
