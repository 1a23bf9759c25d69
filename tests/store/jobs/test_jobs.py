from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import methodcaller

import pytest

from core.domain.jobs.job import PRIORITY_AUTOMATIC, PRIORITY_USER, Job, Stage, State
from core.errors import Conflict, LeaseLost, NotFound
from core.store.db.database import Store
from core.store.jobs import fetches, jobs, leases
from tests.store.jobs.conftest import Queue


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


def test_enqueueing_again_only_raises_the_priority(queue: Queue, episode_id: int) -> None:
    queue.enqueue(episode_id)
    queue.do(Stage.FETCH)
    queue.enqueue(episode_id, PRIORITY_USER)
    queue.enqueue(episode_id, PRIORITY_AUTOMATIC)
    assert queue.states(episode_id) == ["done", "queued", "queued", "queued"]
    assert queue.job(episode_id, Stage.TRANSCRIBE).priority == PRIORITY_USER


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
        # Leftovers of a later step depend on the earlier one: they are deleted in any case.
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


# --- queries --------------------------------------------------------------------------------------------


def test_a_job_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotFound):
        jobs.get(store.read(), 5)


def crash(store: Store, now: float = 50.0, *, fault: bool = True) -> list[Job]:
    return store.write(lambda db: leases.take_back_crashed(db, now=now, fault=fault))


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
