"""Waiting episodes are ordered: of one podcast or tag, the newest, so many at most, none twice."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import State
from core.store.feeds import feeds
from core.store.jobs import jobs
from core.store.library import tags
from tests.services.schedules.kinds.conftest import Room


def queued(room: Room) -> set[int]:
    return set(room.app.bulk_actions.ids(OWNER, Filter(state=State.QUEUED)))


def test_the_newest_of_a_podcast_are_ordered_and_each_once(room: Room) -> None:
    feed = room.store.write(partial(feeds.add, values={"url": "https://a.example/", "title": "A"}, now=1.0))
    mine = [room.episode(f"Talk {n}", feed_id=feed, source="feed", published_at=float(n)) for n in range(4)]
    room.episode("Of nobody")
    for wanted in (set(mine[2:]), set(mine), set(mine)):
        before = queued(room)
        run = room.run("transcribe", parameters={"feed_id": feed, "most": 2})
        assert queued(room) == wanted and run.did == {"episodes": len(wanted - before)}


def test_a_tag_narrows_it_and_the_trash_is_left_alone(room: Room) -> None:
    first, second, deleted = (room.episode(name) for name in ("One", "Two", "Gone"))
    tag = room.store.write(partial(tags.named, name="night", now=1.0))
    room.store.write(partial(tags.put, tag_id=tag, episode_ids=[second, deleted]))
    room.app.trash.delete(OWNER, [deleted])
    assert room.run("transcribe", parameters={"tag_id": tag}).did == {"episodes": 1} and queued(room) == {second}
    assert room.run("transcribe").did == {"episodes": 1} and queued(room) == {first, second}


@pytest.mark.parametrize(("priority", "rank"), [("low", -10), ("normal", 0), ("high", 10)])
def test_the_priority_is_that_of_the_jobs(room: Room, priority: str, rank: int) -> None:
    number = room.episode("One")
    room.run("transcribe", priority=priority)
    assert {job.priority for job in jobs.of_episode(room.store.read(), number)} == {rank}


@pytest.mark.parametrize("parameters", [{"feed_id": 9}, {"tag_id": 9}])
def test_what_is_gone_fails_the_run_and_orders_nothing(room: Room, parameters: dict[str, int]) -> None:
    room.episode("One")
    run = room.run("transcribe", parameters=parameters)
    assert (run.outcome.value, (run.error or {})["code"]) == ("failed", "not_found") and queued(room) == set()
