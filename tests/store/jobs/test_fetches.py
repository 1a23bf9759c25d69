"""Fetches that run again after the rest of their episode is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.domain.jobs.job import Stage, State
from core.store.db.database import Store
from core.store.jobs import fetches
from tests.store.conftest import add_feed
from tests.store.jobs.conftest import Queue

OFFLINE = {"code": "feed_unauthorised", "detail": "No.", "params": {}}


def test_a_fetch_is_done_again_and_the_later_stages_stay(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    for stage in Stage:
        queue.do(stage)
    assert store.write(lambda db: fetches.fetch_again(db, episode_id))
    assert queue.states(episode_id) == ["queued", "done", "done", "done"]
    assert not store.write(lambda db: fetches.fetch_again(db, episode_id)), "it is queued already"


def test_only_a_fetch_that_failed_or_waits_is_tried_again(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.do(Stage.FETCH)
    store.write(lambda db: fetches.try_fetch_again(db, episode_id))
    assert queue.states(episode_id)[0] == "done"
    store.write(lambda db: fetches.fetch_again(db, episode_id))
    queue.set_aside(queue.must_claim(), State.FAILED)
    store.write(lambda db: fetches.try_fetch_again(db, episode_id, tries=2))
    job = queue.job(episode_id, Stage.FETCH)
    assert (job.state, job.tries) == (State.QUEUED, 2)


def test_a_fetch_that_is_left_is_done_with_what_there_is_and_its_run_has_lost_it(
    queue: Queue, store: Store, episode_id: int
) -> None:
    queue.enqueue(episode_id)
    held = queue.must_claim()
    store.write(lambda db: fetches.leave_fetched(db, episode_id))
    job = queue.job(episode_id, Stage.FETCH)
    assert (job.state, job.token) == (State.DONE, held.token + 1)
    assert queue.claim(Stage.TRANSCRIBE)


def test_fetches_of_a_feed_are_found_and_woken_by_their_reason(
    queue: Queue, store: Store, add_episode: Callable[..., int]
) -> None:
    feed = add_feed(store)
    waits, failed, trashed = (add_episode(feed_id=feed, guid=str(n)) for n in range(3))
    elsewhere = add_episode("of no feed")
    for number, state in ((waits, State.WAITING), (failed, State.FAILED), (trashed, State.FAILED), (elsewhere, State.FAILED)):
        queue.enqueue(number)
        queue.set_aside(queue.must_claim(), state, not_before=99.0, error=OFFLINE)
    store.write(lambda db: db.execute("UPDATE episodes SET deleted_at = 1 WHERE id = ?", [trashed]))
    read = store.read()
    assert [job.episode_id for job in fetches.stopped_fetches(read, feed)] == [waits, failed]
    assert [job.episode_id for job in fetches.failed_fetches(read, feed)] == [failed]
    store.write(partial(fetches.wake_fetches, feed_id=feed, code="another"))
    assert queue.job(waits, Stage.FETCH).not_before == 99.0
    store.write(partial(fetches.wake_fetches, feed_id=feed, code=OFFLINE["code"]))
    assert queue.job(waits, Stage.FETCH).not_before == 0.0
    store.write(lambda db: db.execute("UPDATE episodes SET listed = 0 WHERE id = ?", [failed]))
    assert fetches.failed_fetches(store.read(), feed) == []
