"""Leases of jobs: claimed, held, told of, taken back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.domain.jobs import step_graph
from core.domain.jobs.job import LEASE_SECONDS, PRIORITY_USER, Job, Next, Stage, State
from core.errors import LeaseLost
from core.store.db.database import Store
from core.store.jobs import jobs, leases
from tests.store.jobs.conftest import Queue

SPEECH: dict[str, Any] = {"progress": 0.5, "detail": {"phase": "transcribing"}}


def test_a_stage_is_claimable_when_the_stages_before_it_are_done(queue: Queue, episode_id: int) -> None:
    queue.enqueue(episode_id)
    for stage in Stage:
        assert all(queue.claim(later) is None for later in step_graph.current().following(stage))
        queue.do(stage)
    assert queue.states(episode_id) == ["done"] * 4


def test_a_claim_takes_a_lease_and_a_new_token(queue: Queue, episode_id: int) -> None:
    queue.enqueue(episode_id)
    job = queue.must_claim(now=1000.0)
    assert (job.state, job.token, job.lease_until, job.started_at) == (State.RUNNING, 1, 1000.0 + LEASE_SECONDS, 1000.0)
    assert queue.claim(now=1000.0) is None


def test_what_the_user_asked_for_goes_first_then_what_came_first(queue: Queue, add_episode: Callable[..., int]) -> None:
    automatic, also_automatic, wanted = add_episode(), add_episode(), add_episode()
    queue.enqueue(automatic)
    queue.enqueue(also_automatic)
    queue.enqueue(wanted, PRIORITY_USER)
    assert [queue.must_claim().episode_id for _ in range(3)] == [wanted, automatic, also_automatic]


def test_a_job_that_waits_is_claimed_when_its_time_has_come_or_it_is_woken(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.set_aside(queue.must_claim(), State.WAITING, not_before=60.0, error={"code": "outside"})
    assert queue.claim(now=59.0) is None
    queue.set_aside(queue.must_claim(now=60.0), State.WAITING, not_before=120.0)
    assert store.write(lambda db: jobs.wake(db, Stage.FETCH)) == 1
    assert queue.claim(now=61.0)


def test_queued_jobs_go_before_those_that_wait(queue: Queue, add_episode: Callable[..., int]) -> None:
    waiting, queued = add_episode(), add_episode()
    queue.enqueue(waiting)
    queue.set_aside(queue.must_claim(), State.WAITING)
    queue.enqueue(queued)
    assert queue.must_claim().episode_id == queued


def test_only_the_newest_token_is_heard(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    old = queue.must_claim()
    queue.rerun(episode_id, Stage.FETCH)
    new = queue.must_claim()
    changes: list[Callable[..., object]] = [
        leases.hold,
        lambda db, job: leases.heartbeat(db, job, now=1.0, **SPEECH),
        lambda db, job: leases.add_checkpoint(db, job, "k", {}, now=1.0),
        lambda db, job: leases.set_aside(db, job, Next(State.FAILED), now=1.0),
        lambda db, job: leases.finish(db, job, now=1.0, detail={}),
    ]
    for change in changes:
        with pytest.raises(LeaseLost):
            store.write(partial(change, job=old))
    assert queue.states(episode_id)[0] == "running"
    assert leases.checkpoints(store.read(), episode_id, Stage.FETCH) == {}
    store.write(partial(leases.finish, job=new, now=1.0, detail={}))


def test_a_heartbeat_extends_the_lease_and_tells_the_progress(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    job = queue.must_claim(now=0.0)
    beaten = store.write(lambda db: leases.heartbeat(db, job, now=20.0, **SPEECH))
    assert (beaten.lease_until, beaten.progress, dict(beaten.detail)) == (20.0 + LEASE_SECONDS, 0.5, {"phase": "transcribing"})


def test_a_lease_that_ran_out_is_taken_back_without_a_try(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    job = queue.must_claim(now=0.0)
    assert not leases.leases_expired(store.read(), now=LEASE_SECONDS)
    late = LEASE_SECONDS + 1
    assert leases.leases_expired(store.read(), now=late)
    assert store.write(lambda db: leases.requeue_expired(db, now=late)) == 1
    again = queue.must_claim(now=late)
    assert again.token > job.token
    assert again.tries == 0


def test_a_restart_takes_every_lease_back_at_once(queue: Queue, store: Store, add_episode: Callable[..., int]) -> None:
    first, second = add_episode(), add_episode()
    for episode in (first, second):
        queue.enqueue(episode)
    mine, _ = queue.must_claim(), queue.must_claim()
    queue.cancel(mine.id)
    assert store.write(leases.requeue_running) == 2
    assert (queue.states(first)[0], queue.states(second)[0]) == ("cancelled", "queued")


def test_a_cancel_that_was_asked_for_outlives_the_run(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.cancel(queue.must_claim(now=0.0).id)
    store.write(lambda db: leases.requeue_expired(db, now=1000.0))
    assert queue.states(episode_id)[0] == "cancelled"
    assert queue.claim(now=1000.0) is None


def crash(store: Store, now: float = 50.0, *, fault: bool = True) -> list[Job]:
    return store.write(lambda db: leases.take_back_crashed(db, now=now, fault=fault))


def test_a_crash_is_counted_for_all_that_ran_until_it_gets_further(
    queue: Queue, store: Store, add_episode: Callable[..., int]
) -> None:
    first, second, idle = add_episode(), add_episode(), add_episode()
    for episode in (first, second, idle):
        queue.enqueue(episode)
    mine, _ = queue.must_claim(), queue.must_claim()
    assert {job.episode_id for job in crash(store)} == {first, second}
    assert [queue.job(e, Stage.FETCH).crashes for e in (first, second, idle)] == [1, 1, 0]
    assert (queue.job(first, Stage.FETCH).error or {})["params"] == {"times": 1, "most": 3}
    with pytest.raises(LeaseLost):
        store.write(lambda db: leases.hold(db, mine))
    again = queue.must_claim()
    store.write(lambda db: leases.add_checkpoint(db, again, "1", {}, now=0.0))
    assert [(job.crashes, job.faults) for job in crash(store, fault=False)] == [(1, 0)]
    queue.do(Stage.FETCH)
    assert queue.job(first, Stage.FETCH).crashes == 0


def test_a_suspect_waits_until_it_is_alone_and_nothing_overtakes_it(
    queue: Queue, store: Store, add_episode: Callable[..., int]
) -> None:
    suspect, other, urgent = add_episode(), add_episode(), add_episode()
    queue.enqueue(suspect)
    for _ in range(2):
        queue.must_claim()
        crash(store)
    # It failed in good order meanwhile and is due later: until then the others go on.
    queue.set_aside(queue.must_claim(), State.WAITING, not_before=100.0)
    queue.enqueue(other)
    job = queue.must_claim(now=10.0)
    assert job.episode_id == other
    queue.enqueue(urgent, priority=PRIORITY_USER)
    assert [queue.claim(stage, now=200.0) for stage in Stage] == [None] * 4
    store.write(lambda db: leases.finish(db, job, now=200.0, detail={}))
    assert queue.must_claim(now=200.0).episode_id == suspect
    assert [queue.claim(stage, now=200.0) for stage in Stage] == [None] * 4
    [lost] = crash(store, now=201.0)
    assert (lost.state, lost.finished_at, (lost.error or {})["code"]) == (State.FAILED, 201.0, "server_keeps_ending")
    assert queue.must_claim(now=200.0).episode_id == urgent


def test_a_suspect_that_gets_further_lets_the_others_go_on(queue: Queue, store: Store, add_episode: Callable[..., int]) -> None:
    suspect, other = add_episode(), add_episode()
    queue.enqueue(suspect)
    for _ in range(2):
        queue.must_claim()
        crash(store)
    queue.enqueue(other)
    job = queue.must_claim()
    assert queue.claim() is None
    store.write(lambda db: leases.add_checkpoint(db, job, "1", {}, now=0.0))
    assert queue.must_claim().episode_id == other


def test_a_cancel_that_was_asked_for_outlives_a_crash(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.cancel(queue.must_claim().id)
    crash(store)
    assert queue.states(episode_id)[0] == "cancelled"
    assert crash(store) == []
