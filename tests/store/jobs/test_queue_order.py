"""The whole queue paused, and an episode moved within it."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.jobs.job import Stage, State
from core.store.db.database import Store
from core.store.jobs import queue_order
from tests.store.jobs.conftest import Queue


def test_a_pause_is_kept_and_gives_back_what_runs_without_a_try(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.must_claim()
    store.write(lambda db: queue_order.pause(db, now=1.0))
    job = queue.job(episode_id, Stage.FETCH)
    assert (queue_order.paused(store.read()), job.state, job.tries) == (True, State.QUEUED, 0)
    store.write(queue_order.resume)
    assert not queue_order.paused(store.read())


def test_an_episode_goes_before_or_behind_all_others(queue: Queue, store: Store, add_episode: Callable[..., int]) -> None:
    first, second, third = (add_episode(str(n)) for n in range(3))
    for number in (first, second, third):
        queue.enqueue(number)
    assert store.write(lambda db: queue_order.put_first(db, third)) == len(Stage)
    assert store.write(lambda db: queue_order.put_last(db, first)) == len(Stage)
    assert [queue.must_claim().episode_id for _ in range(3)] == [third, second, first]


def test_alone_in_the_queue_or_done_it_stays_where_it_is(queue: Queue, store: Store, add_episode: Callable[..., int]) -> None:
    alone = add_episode("alone")
    queue.enqueue(alone)
    assert store.write(lambda db: queue_order.put_first(db, alone)) == 0
    for stage in Stage:
        queue.do(stage)
    queue.enqueue(add_episode("another"))
    assert store.write(lambda db: queue_order.put_first(db, alone)) == 0
