from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.domain.episode import Filter, Sort
from core.domain.job import Next, Stage, State
from core.errors import UserError
from core.store import episodes, jobs, listing
from core.store.db import Store
from core.store.episodes import Listing
from tests.store.conftest import add_feed

Add = Callable[..., int]


def page(store: Store, *, sort: Sort = Sort.NEWEST, limit: int = 50, cursor: str | None = None, **wanted: Any) -> Listing:
    return listing.page(store.read(), Filter(**wanted), sort=sort, limit=limit, cursor=cursor)


def ids(store: Store, **options: Any) -> list[int]:
    return [i.episode.id for i in page(store, **options).items]


def test_newest_first_by_when_they_were_published_or_came_in(store: Store, add_episode: Add) -> None:
    old, new, middle = add_episode(now=10.0), add_episode(now=30.0), add_episode(now=99.0, published_at=20.0)
    assert ids(store) == [new, middle, old]


def test_pages_join_without_gaps_or_repeats_also_at_equal_times(store: Store, add_episode: Add) -> None:
    added = [add_episode(now=float(n // 3)) for n in range(10)]
    seen: list[int] = []
    cursor = None
    for _ in range(4):
        found = page(store, limit=3, cursor=cursor)
        seen += [i.episode.id for i in found.items]
        cursor = found.next_cursor
    assert seen == added[::-1]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["x", "[]", "[1]", "{}", "1", '["a", 1]', "[1, 1e999]", "[1, null]"])
def test_a_cursor_that_no_listing_gave_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(UserError):
        page(store, cursor=cursor)


def test_titles_are_searched_as_they_are_written(store: Store, add_episode: Add) -> None:
    percent, chinese = add_episode("100% of it_all"), add_episode("关于猫")
    add_episode("100 of it all")
    assert ids(store, text="100% OF") == [percent]
    assert ids(store, text="it_a") == [percent]
    assert ids(store, text=" 猫 ") == [chinese]
    assert ids(store, text="\\") == []


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
    found = page(store, state=state).items
    assert [i.state for i in found] == [state]
