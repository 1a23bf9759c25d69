"""Claims of jobs: leases, checkpoints, and the recovery of lost ones."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import LEASE_SECONDS, Stage, State
from core.domain.notes.note import Notes
from core.pipeline.step import Checkpoint, StepContext
from core.pipeline.steps.fetch import Fetched
from core.store.db.database import Store
from core.store.jobs import leases
from core.store.text import transcripts
from tests.runner_fixture import NOTES, RESULTS, TRANSCRIPT, Background, Gate, Rig, until

F, T, S, P = Stage


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_waits(rig: Rig, code: int) -> None:
    rig.fail(F, OSError(code, "No space left on device"))
    episode = rig.add()
    rig.step(F)
    job = rig.job(episode, F)
    assert (job.state, job.tries) == (State.WAITING, 0)
    assert job.error
    assert job.error["code"] == "disk_full"
    rig.now += errors.DiskFull.retry_after
    rig.step(F)
    assert rig.state(episode, F) is State.DONE


def test_a_database_that_cannot_grow_makes_the_stage_wait_and_keeps_what_was_there(rig: Rig, store: Store) -> None:
    def limit(pages: int) -> None:
        store.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages}"))

    def run(given: Any, work: StepContext) -> Any:
        limit(store.read().execute("PRAGMA page_count").fetchone()[0])
        try:
            work.emit(Checkpoint("big", {"text": "x" * 200_000}))
        finally:
            limit(1_000_000)
        return RESULTS[F]

    rig.stages[F] = run
    episode = rig.add()
    rig.step(F)
    assert rig.state(episode, F) is State.WAITING
    assert store.read().execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_run_that_committed_a_part_is_not_counted_and_the_next_goes_on_from_it(rig: Rig) -> None:
    seen: list[list[str]] = []

    def run(given: Any, work: StepContext) -> Any:
        seen.append(list(given.checkpoints))
        if len(seen) <= 5:
            work.emit(Checkpoint(f"{len(seen)}", {}))
            raise errors.WorkerDied("The worker ended.")
        return TRANSCRIPT

    rig.stages[T] = run
    episode = rig.add()
    rig.step(F)
    for _ in range(6):
        rig.step(T)
        rig.now += 600.0
    assert seen == [[str(n + 1) for n in range(length)] for length in range(6)]
    assert rig.state(episode, T) is State.DONE
    assert rig.job(episode, T).tries == 0


def test_tries_without_progress_are_counted_also_between_those_with(rig: Rig) -> None:
    runs = iter("pxpxx")

    def run(given: Any, work: StepContext) -> Any:
        if next(runs) == "p":
            work.emit(Checkpoint("part", {}))
        raise errors.WorkerDied("The worker ended.")

    rig.stages[T] = run
    episode = rig.add()
    rig.step(F)
    for tries in (0, 1, 1, 2, 3):
        rig.step(T)
        rig.now += 600.0
        assert rig.job(episode, T).tries == tries
    assert rig.state(episode, T) is State.FAILED


def test_a_result_after_a_rerun_is_thrown_away(rig: Rig, store: Store) -> None:
    def run(given: Any, work: StepContext) -> Any:
        rig.library.retry(OWNER, episode, T)
        return TRANSCRIPT

    rig.stages[T] = run
    episode = rig.add()
    rig.step(F, T)
    assert transcripts.find(store.read(), episode) is None
    assert rig.states(episode) == "dqqq"


def test_parts_and_errors_after_a_rerun_are_thrown_away_too(rig: Rig, store: Store) -> None:
    def run(given: Any, work: StepContext) -> Any:
        rig.library.retry(OWNER, episode, T)
        work.emit(Checkpoint("part", {}))
        return TRANSCRIPT

    rig.stages[T] = run
    episode = rig.add()
    rig.step(F, T)
    assert leases.checkpoints(store.read(), episode, T) == {}
    assert (rig.state(episode, T), rig.job(episode, T).tries) == (State.QUEUED, 0)


def test_heartbeats_hold_the_lease_for_as_long_as_the_run_takes(rig: Rig) -> None:
    gate = rig.stages[T] = Gate(TRANSCRIPT)
    episode = rig.add()
    rig.step(F)
    with Background(rig, T):
        assert gate.entered.wait(30.0)
        assert gate.ctx
        for beat in range(1, 6):
            rig.now += LEASE_SECONDS - 1
            gate.ctx.report(beat / 10, {"phase": "transcribing"})
            rig.runner.keep()
            job = rig.job(episode, T)
            assert (job.state, job.lease_until, job.progress) == (State.RUNNING, rig.now + LEASE_SECONDS, beat / 10)
        gate.opened.set()
    assert rig.state(episode, T) is State.DONE


def test_after_the_computer_slept_the_run_still_holds_its_lease(rig: Rig) -> None:
    gate = rig.stages[T] = Gate(TRANSCRIPT)
    episode = rig.add()
    rig.step(F)
    with Background(rig, T):
        assert gate.entered.wait(30.0)
        rig.now += 8 * 3600.0
        rig.runner.keep()
        gate.opened.set()
    assert rig.state(episode, T) is State.DONE


def test_a_job_whose_holder_vanished_goes_back_to_the_queue(rig: Rig) -> None:
    episode = rig.add()
    rig.store.write(lambda db: leases.claim(db, F, now=rig.now))
    rig.runner.keep()
    assert rig.state(episode, F) is State.RUNNING
    rig.now += LEASE_SECONDS + 1
    rig.runner.keep()
    rig.step(F)
    assert (rig.state(episode, F), rig.job(episode, F).tries) == (State.DONE, 0)


def test_a_restart_takes_its_leases_back_at_once(rig: Rig) -> None:
    """As core.app does at the start; the old server's late result is not taken."""
    late: list[str] = []

    def run(given: Any, work: StepContext) -> Any:
        if not late:
            late.append("first run")
            rig.store.write(leases.requeue_running)
            assert rig.new_runner().step(T)
            assert rig.state(episode, T) is State.DONE
            work.emit(Checkpoint("late", {}))
        return TRANSCRIPT

    rig.stages[T] = run
    episode = rig.add()
    rig.step(F, T)
    assert rig.states(episode) == "ddqq"
    assert leases.checkpoints(rig.store.read(), episode, T) == {}


def test_runs_of_one_job_never_overlap(rig: Rig) -> None:
    """Two lanes fetch; both would write the same part."""
    gate = rig.stages[F] = Gate(RESULTS[F])
    episode = rig.add()
    with Background(rig, F):
        assert gate.entered.wait(30.0)
        rig.library.retry(OWNER, episode, F)
        with Background(rig, F):
            until(lambda: gate.runs == 2)
            rig.runner.keep()
            assert rig.state(episode, F) is State.RUNNING
            gate.opened.set()
    assert gate.most_at_once == 1
    assert rig.state(episode, F) is State.DONE


def test_a_cancel_is_not_undone_by_what_the_run_still_commits(rig: Rig) -> None:
    def run(given: Any, work: StepContext) -> Any:
        rig.library.cancel(OWNER, episode)
        work.emit(Notes(tldr="One sentence.", engine="extractive"))
        rig.runner.keep()
        work.check()
        return NOTES

    rig.stages[S] = run
    episode = rig.add()
    rig.run_all()
    assert rig.states(episode) == "ddcc"


def test_deleting_an_episode_ends_its_run_before_its_files_go(rig: Rig) -> None:
    stray = rig.data / "exports" / "written at the last moment"

    class Writes(Gate):
        def __call__(self, given: Any, work: StepContext) -> Any:
            try:
                return super().__call__(given, work)
            finally:
                stray.write_text("x")

    gate = rig.stages[P] = Writes(RESULTS[P])
    episode = rig.add()
    rig.step(F, T, S)
    with Background(rig, P):
        assert gate.entered.wait(30.0)
        rig.trash.delete(OWNER, [episode])
        assert stray.exists()
    assert rig.library.count(OWNER) == 0
    assert rig.queue.jobs(OWNER) == []


def test_a_deleted_episodes_result_is_thrown_away(rig: Rig) -> None:
    def run(given: Any, work: StepContext) -> Any:
        rig.store.write(lambda db: db.execute("DELETE FROM episodes WHERE id = ?", [episode]))
        return Fetched("uploads/b.wav")

    rig.stages[F] = run
    episode = rig.add()
    rig.step(F)
    assert rig.library.count(OWNER) == 0


def test_waiting_for_a_run_that_does_not_listen_has_an_end(rig: Rig) -> None:
    gate = rig.stages[F] = Gate(RESULTS[F], listens=False)
    episode = rig.add()
    with Background(rig, F):
        assert gate.entered.wait(30.0)
        rig.runner.abandon(episode, timeout=0.05)
        gate.opened.set()
