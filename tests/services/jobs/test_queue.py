"""The queue as people see it: order, a pause that keeps finished parts, episodes by view."""

from __future__ import annotations

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.gpu_line import QueueState
from core.domain.jobs.job import Stage, State
from core.errors import NotFound
from core.services.jobs.queue import Queue
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from tests.runner_fixture import RESULTS, Background, Gate, Rig

F, T, S, P = Stage


@pytest.fixture
def queue(store: Store, rig: Rig) -> Queue:
    return Queue(store, retry=lambda actor, episode_id, stage: None, gpu=QueueState)


def test_an_episode_is_put_first_or_last(rig: Rig, queue: Queue) -> None:
    one, two, three = rig.add(), rig.add(), rig.add()
    queue.put_first(OWNER, three)
    queue.put_last(OWNER, one)
    assert [item.episode.id for item in queue.work(OWNER, "open")] == [three, two, one]
    rig.step(F, F, F)
    assert [episode for episode, _ in rig.ran] == [three, two, one]


def test_the_only_one_stays_where_it_is(rig: Rig, queue: Queue) -> None:
    one = rig.add()
    queue.put_first(OWNER, one)
    queue.put_last(OWNER, one)
    rig.step(F)
    with pytest.raises(NotFound):
        queue.put_first(OWNER, 99)


def test_while_paused_nothing_begins_and_then_all_goes_on(rig: Rig, queue: Queue) -> None:
    episode = rig.add()
    queue.pause(OWNER)
    assert queue.paused(OWNER) and not rig.runner.step(F)
    assert rig.states(episode) == "qqqq"
    queue.resume(OWNER)
    assert not queue.paused(OWNER)
    rig.run_all()
    assert rig.states(episode) == "dddd"
    assert [item.episode.id for item in queue.work(OWNER, "done")] == [episode]


def test_a_pause_ends_what_runs_without_counting_a_try(rig: Rig, queue: Queue, store: Store) -> None:
    gate = rig.stages[F] = Gate(RESULTS[F])
    episode = rig.add()
    with Background(rig, F):
        assert gate.entered.wait(30)
        queue.pause(OWNER)
        rig.runner.keep()
    (job, *_) = jobs.of_episode(store.read(), episode)
    assert (job.state, job.tries, job.error) == (State.QUEUED, 0, None)
    assert not rig.runner.step(F)


def test_a_stopped_episode_is_among_the_failed(rig: Rig, queue: Queue, store: Store) -> None:
    episode = rig.add()
    store.write(lambda db: _fail(db, episode))
    assert [item.episode.id for item in queue.work(OWNER, "failed")] == [episode]
    assert queue.work(OWNER, "done") == queue.work(OWNER, "open") == []
    assert queue.episode_counts(OWNER) == {State.FAILED: 1}


def _fail(db: Database, episode_id: int) -> None:
    db.execute("UPDATE jobs SET state = 'failed', finished_at = 1 WHERE episode_id = ? AND stage = 'fetch'", [episode_id])
