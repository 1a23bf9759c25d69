from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from operator import methodcaller
from typing import Any

import pytest

from core.domain.jobs import step_graph
from core.domain.jobs.job import LEASE_SECONDS, PRIORITY_AUTOMATIC, PRIORITY_USER, Job, Next, Stage, State
from core.errors import Conflict, LeaseLost, NotFound
from core.store.db.database import Store
from core.store.jobs import fetches, jobs, leases, queue_views

SPEECH: dict[str, Any] = {"progress": 0.5, "detail": {"phase": "transcribing"}}


class Queue:
    """The functions of core.store.jobs.jobs and core.store.jobs.leases, each in a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def enqueue(self, episode_id: int, priority: int = PRIORITY_AUTOMATIC, **options: Any) -> None:
        self.store.write(partial(jobs.enqueue, episode_id=episode_id, priority=priority, now=0.0, **options))

    def claim(self, stage: Stage = Stage.FETCH, now: float = 0.0) -> Job | None:
        return self.store.write(partial(leases.claim, stage=stage, now=now))

    def must_claim(self, stage: Stage = Stage.FETCH, now: float = 0.0) -> Job:
        job = self.claim(stage, now)
        assert job is not None
        return job

    def do(self, stage: Stage, now: float = 0.0) -> None:
        job = self.must_claim(stage, now)
        self.store.write(partial(leases.finish, job=job, now=now, detail={}))

    def set_aside(self, job: Job, state: State, **options: Any) -> None:
        self.store.write(partial(leases.set_aside, job=job, what=Next(state, **options), now=0.0))

    def rerun(self, episode_id: int, stage: Stage, *, afresh: bool = False) -> None:
        self.store.write(partial(jobs.rerun, episode_id=episode_id, stage=stage, priority=PRIORITY_USER, afresh=afresh))

    def cancel(self, job_id: int) -> Job:
        return self.store.write(partial(jobs.request_cancel, job_id=job_id, now=9.0))

    def publish_again(self, episode_id: int) -> None:
        self.store.write(partial(jobs.publish_again, episode_id=episode_id))

    def states(self, episode_id: int) -> list[str]:
        return [j.state.value for j in jobs.of_episode(self.store.read(), episode_id)]

    def job(self, episode_id: int, stage: Stage) -> Job:
        return next(job for job in jobs.of_episode(self.store.read(), episode_id) if job.stage == stage)


@pytest.fixture
def queue(store: Store) -> Queue:
    return Queue(store)


def test_a_stage_is_claimable_when_the_stages_before_it_are_done(queue: Queue, episode_id: int) -> None:
    queue.enqueue(episode_id)
    for stage in Stage:
        assert all(queue.claim(later) is None for later in step_graph.current().following(stage))
        queue.do(stage)
    assert queue.states(episode_id) == ["done"] * 4


@pytest.mark.parametrize("state", [State.WAITING, State.FAILED, State.CANCELLED])
def test_publish_goes_on_when_summarise_has_settled(queue: Queue, episode_id: int, state: State) -> None:
    queue.enqueue(episode_id)
    queue.do(Stage.FETCH)
    queue.do(Stage.TRANSCRIBE)
    summarise = queue.must_claim(Stage.SUMMARISE)
    assert queue.claim(Stage.PUBLISH) is None
    queue.set_aside(summarise, state, not_before=100.0)
    queue.do(Stage.PUBLISH)


def test_publish_does_not_go_on_without_a_transcript(queue: Queue, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.do(Stage.FETCH)
    queue.set_aside(queue.must_claim(Stage.TRANSCRIBE), State.FAILED)
    assert queue.claim(Stage.PUBLISH) is None


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


def test_enqueueing_again_only_raises_the_priority(queue: Queue, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.do(Stage.FETCH)
    queue.enqueue(episode_id, PRIORITY_USER)
    queue.enqueue(episode_id, PRIORITY_AUTOMATIC)
    assert queue.states(episode_id) == ["done", "queued", "queued", "queued"]
    assert queue.job(episode_id, Stage.TRANSCRIBE).priority == PRIORITY_USER


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


def test_a_queued_and_a_waiting_job_are_cancelled_at_once(queue: Queue, add_episode: Callable[..., int]) -> None:
    waiting, queued = add_episode(), add_episode()
    queue.enqueue(waiting)
    queue.set_aside(queue.must_claim(), State.WAITING, error={"code": "outside"})
    queue.enqueue(queued)
    for episode in (waiting, queued):
        cancelled = queue.cancel(queue.job(episode, Stage.FETCH).id)
        assert (cancelled.state, cancelled.error, cancelled.finished_at) == (State.CANCELLED, None, 9.0)
    assert queue.claim() is None


def test_a_running_job_is_told_and_what_is_over_cannot_be_cancelled(queue: Queue, episode_id: int) -> None:
    queue.enqueue(episode_id)
    job = queue.must_claim()
    assert queue.cancel(job.id).state is State.RUNNING
    assert queue.job(episode_id, Stage.FETCH).cancel_requested
    queue.set_aside(job, State.CANCELLED)
    with pytest.raises(Conflict):
        queue.cancel(job.id)
    with pytest.raises(NotFound):
        queue.cancel(999)


def test_a_rerun_touches_only_what_depends_on_the_stage(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    for stage in (Stage.FETCH, Stage.TRANSCRIBE):
        queue.do(stage)
    queue.set_aside(queue.must_claim(Stage.SUMMARISE), State.FAILED, tries=3, error={"code": "x"})
    queue.rerun(episode_id, Stage.SUMMARISE)
    assert queue.states(episode_id) == ["done", "done", "queued", "queued"]
    again = queue.job(episode_id, Stage.SUMMARISE)
    assert (again.tries, again.error, again.priority) == (0, None, PRIORITY_USER)
    with pytest.raises(NotFound):
        queue.rerun(999, Stage.FETCH)


@pytest.mark.parametrize("afresh", [True, False])
def test_a_rerun_keeps_finished_parts_of_its_stage_unless_afresh(
    queue: Queue, store: Store, episode_id: int, afresh: bool
) -> None:
    queue.enqueue(episode_id)
    queue.do(Stage.FETCH)
    for stage in (Stage.TRANSCRIBE, Stage.SUMMARISE):
        # What is left of a later stage is about what comes before it: it goes in any case.
        values = [episode_id, stage.value]
        store.write(methodcaller("execute", "INSERT INTO checkpoints VALUES (?, ?, 'part', '{}', 0)", values))
    queue.rerun(episode_id, Stage.TRANSCRIBE, afresh=afresh)
    assert bool(leases.checkpoints(store.read(), episode_id, Stage.TRANSCRIBE)) is not afresh
    assert leases.checkpoints(store.read(), episode_id, Stage.SUMMARISE) == {}


def test_checkpoints_are_replaced_by_key_and_go_when_the_stage_is_done(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    job = queue.must_claim()
    for key, value in (("b", 1), ("a", 2), ("b", 3)):
        store.write(partial(leases.add_checkpoint, job=job, key=key, payload={"v": value}, now=0.0))
    assert leases.checkpoints(store.read(), episode_id, Stage.FETCH) == {"a": {"v": 2}, "b": {"v": 3}}
    store.write(partial(leases.finish, job=job, now=0.0, detail={}))
    assert leases.checkpoints(store.read(), episode_id, Stage.FETCH) == {}


# --- publishing again -----------------------------------------------------------------------------------


def all_done(queue: Queue, episode_id: int) -> None:
    queue.enqueue(episode_id)
    for stage in Stage:
        queue.do(stage)


def test_changed_content_is_published_again_also_while_it_is_being_published(queue: Queue, episode_id: int) -> None:
    all_done(queue, episode_id)
    queue.publish_again(episode_id)
    stale = queue.must_claim(Stage.PUBLISH)
    queue.publish_again(episode_id)
    with pytest.raises(LeaseLost):
        queue.set_aside(stale, State.DONE)
    queue.do(Stage.PUBLISH)
    assert queue.states(episode_id) == ["done"] * 4


def test_what_was_never_asked_for_is_not_published(queue: Queue, episode_id: int) -> None:
    queue.publish_again(episode_id)
    assert queue.states(episode_id) == []


def test_a_cancelled_publish_stays_cancelled_until_it_is_retried(queue: Queue, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.cancel(queue.job(episode_id, Stage.PUBLISH).id)
    queue.publish_again(episode_id)
    assert queue.states(episode_id)[3] == "cancelled"
    queue.rerun(episode_id, Stage.PUBLISH)
    assert queue.states(episode_id)[3] == "queued"


def test_a_cancel_of_a_running_publish_is_not_undone_by_new_content(queue: Queue, episode_id: int) -> None:
    all_done(queue, episode_id)
    queue.publish_again(episode_id)
    job = queue.must_claim(Stage.PUBLISH)
    queue.cancel(job.id)
    queue.publish_again(episode_id)
    queue.set_aside(job, State.CANCELLED)
    assert queue.claim(Stage.PUBLISH) is None


def test_a_cancel_that_came_too_late_is_forgotten(queue: Queue, episode_id: int) -> None:
    all_done(queue, episode_id)
    queue.publish_again(episode_id)
    job = queue.must_claim(Stage.PUBLISH)
    queue.cancel(job.id)
    queue.store.write(partial(leases.finish, job=job, now=0.0, detail={}))
    queue.publish_again(episode_id)
    assert queue.claim(Stage.PUBLISH)


# --- asking ---------------------------------------------------------------------------------------------


def test_the_queue_shows_what_runs_then_what_comes_next(queue: Queue, store: Store, add_episode: Callable[..., int]) -> None:
    first, second = add_episode(), add_episode()
    queue.enqueue(first)
    queue.enqueue(second, PRIORITY_USER)
    running = queue.must_claim()
    shown = queue_views.in_states(store.read(), [State.RUNNING, State.QUEUED])
    assert shown[0].id == running.id
    assert [j.episode_id for j in shown[1:]] == [second] * 3 + [first] * 4
    assert len(queue_views.in_states(store.read(), State, limit=3)) == 3
    assert queue_views.counts(store.read()) == {State.RUNNING: 1, State.QUEUED: 7}


def test_a_job_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotFound):
        jobs.get(store.read(), 5)


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


@pytest.mark.parametrize("way", ["rerun", "fetch_again", "try_fetch_again"])
def test_by_hand_the_count_of_crashes_starts_anew(queue: Queue, store: Store, episode_id: int, way: str) -> None:
    queue.enqueue(episode_id)
    for _ in range(3):
        queue.must_claim()
        crash(store)
    assert queue.states(episode_id)[0] == "failed"
    if way == "rerun":
        queue.rerun(episode_id, Stage.FETCH)
    else:
        module = jobs if way == "rerun" else fetches
        store.write(lambda db: getattr(module, way)(db, episode_id))
    again = queue.must_claim()
    assert (again.crashes, again.faults) == (0, 0)


def test_a_cancel_that_was_asked_for_outlives_a_crash(queue: Queue, store: Store, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.cancel(queue.must_claim().id)
    crash(store)
    assert queue.states(episode_id)[0] == "cancelled"
    assert crash(store) == []


def test_lists_and_counts_are_those_of_one_statement_over_all_jobs(store: Store, add_episode: Callable[..., int]) -> None:
    """The index gives each state by itself; SQLite's own order of all together is the judge."""
    rng = random.Random(5)
    for number in range(40):
        episode_id = add_episode()
        store.write(partial(jobs.enqueue, episode_id=episode_id, priority=rng.choice((0, 10)), now=0.0))
        for stage in Stage:
            values = [rng.choice(list(State)).value, rng.choice((None, 1.0, 2.0, 3.5)), episode_id, stage.value]
            sql = "UPDATE jobs SET state = ?, finished_at = ? WHERE episode_id = ? AND stage = ?"
            store.write(lambda db, sql=sql, values=values: db.execute(sql, values))
        if not number % 9:
            store.write(lambda db, gone=episode_id: db.execute("UPDATE episodes SET deleted_at = 1 WHERE id = ?", [gone]))
    db = store.read()
    kept = "episode_id NOT IN (SELECT id FROM episodes WHERE deleted_at IS NOT NULL)"
    places = " ".join(f"WHEN '{stage}' THEN {place}" for place, stage in enumerate(Stage))
    order = f"state <> 'running', finished_at DESC, priority DESC, CASE stage {places} END, id"
    for states in ([], [State.DONE], [State.RUNNING, State.QUEUED, State.QUEUED], list(State)):
        for limit in (1, 7, 500):
            names = ", ".join(f"'{state.value}'" for state in states)
            sql = f"SELECT id FROM jobs WHERE state IN ({names}) AND {kept} ORDER BY {order} LIMIT {limit}"
            assert [job.id for job in queue_views.in_states(db, states, limit=limit)] == [row[0] for row in db.execute(sql)]
    there = db.execute(f"SELECT state, count(*) FROM jobs WHERE {kept} GROUP BY state").fetchall()
    assert queue_views.counts(db) == {State(row[0]): row[1] for row in there}
