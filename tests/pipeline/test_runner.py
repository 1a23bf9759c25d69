from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import MAX_TRIES, PRIORITY_USER, Stage, State
from core.domain.notes.note import Notes
from core.pipeline import runner as runner_module
from core.pipeline.step import Checkpoint, StepContext
from core.pipeline.steps.fetch import Fetched
from core.store.db.database import Store
from core.store.jobs import leases
from core.store.text import notes
from tests.runner_fixture import NOTES, RESULTS, TRANSCRIPT, Background, Gate, Rig, until

F, T, S, P = Stage


def test_an_episode_goes_through_its_stages_each_given_what_those_before_it_left(rig: Rig) -> None:
    given: dict[Stage, Any] = {}

    def watched(stage: Stage) -> Any:
        def run(what: Any, work: StepContext) -> Any:
            given[stage] = what
            return RESULTS[stage]

        return run

    rig.stages = {stage: watched(stage) for stage in Stage}
    episode = rig.add()
    rig.run_all()
    assert rig.states(episode) == "dddd"
    assert [stage for _, stage in rig.ran] == list(Stage)
    assert given[T].episode.media_path == "uploads/a.wav"
    assert given[T].transcript is None
    assert (given[S].transcript, given[S].has_notes) == (TRANSCRIPT, False)
    assert (given[P].material.transcript, given[P].material.notes) == (TRANSCRIPT, NOTES)


def test_there_is_nothing_to_do_in_an_empty_library(rig: Rig) -> None:
    assert not any(rig.runner.step(stage) for stage in Stage)
    rig.runner.keep()


def test_what_the_user_asked_for_goes_first(rig: Rig) -> None:
    automatic, wanted = rig.add(), rig.add(priority=PRIORITY_USER)
    rig.step(F, F)
    assert [episode for episode, _ in rig.ran] == [wanted, automatic]


def test_a_transcription_is_told_whose_audio_comes_next(rig: Rig) -> None:
    coming: list[str | None] = []

    def run(given: Any, work: StepContext) -> Any:
        coming.append(given.coming)
        return TRANSCRIPT

    rig.stages[F] = lambda given, work: Fetched(f"media/{given.episode.id}.wav")
    rig.stages[T] = run
    first, other, unfetched = rig.add(), rig.add(), rig.add()
    rig.step(F, F, T, T)
    assert coming == [f"media/{other}.wav", None]
    assert first < other and rig.state(unfetched, F) is State.QUEUED


def test_done_is_done_with_its_progress_and_detail(rig: Rig) -> None:
    def run(given: Any, work: StepContext) -> Any:
        work.report(0.7, {"phase": "fetching"})
        return RESULTS[F]

    rig.stages[F] = run
    episode = rig.add()
    rig.step(F)
    job = rig.job(episode, F)
    assert (job.progress, dict(job.detail), job.finished_at) == (1.0, {"phase": "fetching"}, rig.now)


# --- errors -----------------------------------------------------------------------------------------------


def test_what_may_work_next_time_is_tried_again_with_backoff_and_then_fails(rig: Rig) -> None:
    rig.fail(T, *[errors.WorkerDied("The worker ended.")] * MAX_TRIES)
    episode = rig.add()
    rig.step(F, T)
    for wait in (5.0, 25.0):
        assert rig.state(episode, T) is State.QUEUED
        rig.now += wait - 0.1
        assert not rig.runner.step(T)
        rig.now += 0.1
        rig.step(T)
    job = rig.job(episode, T)
    assert (job.state, job.tries) == (State.FAILED, MAX_TRIES)
    assert job.error
    assert job.error["code"] == "worker_keeps_dying"
    assert rig.states(episode) == "dfqq"


def test_an_unexpected_error_is_logged_whole_and_counted(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.fail(F, KeyError("title"))
    episode = rig.add()
    with caplog.at_level(logging.ERROR):
        rig.step(F)
    assert rig.job(episode, F).tries == 1
    record = next(r for r in caplog.records if r.levelno == logging.ERROR)
    assert record.exc_info
    assert record.__dict__["episode_id"] == episode


def test_what_will_not_work_again_fails_at_once(rig: Rig) -> None:
    rig.fail(F, errors.EnclosureGone("410"))
    episode = rig.add()
    rig.step(F)
    assert rig.states(episode) == "fqqq"


def test_waiting_for_the_outside_uses_no_try_however_long_it_takes(rig: Rig) -> None:
    rig.fail(S, *[errors.OllamaUnreachable("It is off.")] * 10)
    episode = rig.add()
    rig.run_all()
    for _ in range(9):
        job = rig.job(episode, S)
        assert (job.state, job.tries) == (State.WAITING, 0)
        rig.now += errors.OllamaUnreachable.retry_after
        rig.step(S)
    rig.now += errors.OllamaUnreachable.retry_after
    rig.run_all()
    assert rig.states(episode) == "dddd"
    assert rig.job(episode, S).error is None


def test_publish_goes_on_when_summarise_waits_and_is_done_again_with_the_real_notes(rig: Rig) -> None:
    rig.fail(S, errors.OllamaUnreachable("It is off."))
    episode = rig.add()
    rig.run_all()
    assert rig.states(episode) == "ddwd"
    rig.now += 60.0
    rig.run_all()
    assert rig.states(episode) == "dddd"
    assert [stage for _, stage in rig.ran] == [F, T, S, P, S, P]


# --- checkpoints --------------------------------------------------------------------------------------------


def test_notes_emitted_on_the_way_are_there_at_once_and_published(rig: Rig, store: Store) -> None:
    extract = Notes(tldr="One sentence.", engine="extractive", coverage=1.0)

    def run(given: Any, work: StepContext) -> Any:
        if not given.has_notes:
            work.emit(extract)
        raise errors.OllamaUnreachable("It is off.")

    rig.stages[S] = run
    episode = rig.add()
    rig.run_all()
    found = notes.current(store.read(), episode)
    assert found
    assert found.notes == extract
    assert rig.states(episode) == "ddwd"


# --- leases and tokens --------------------------------------------------------------------------------------


# --- cancel and retry ---------------------------------------------------------------------------------------


def test_a_queued_episode_is_cancelled_at_once(rig: Rig) -> None:
    episode = rig.add()
    rig.library.cancel(OWNER, episode)
    rig.run_all()
    assert (rig.states(episode), rig.ran) == ("cccc", [])


def test_a_running_stage_is_told_and_what_was_committed_stays(rig: Rig) -> None:
    gate = Gate(TRANSCRIPT)

    def run(given: Any, work: StepContext) -> Any:
        work.emit(Checkpoint("part", {}))
        return gate(given, work)

    rig.stages[T] = run
    episode = rig.add()
    rig.step(F)
    with Background(rig, T):
        assert gate.entered.wait(30.0)
        rig.library.cancel(OWNER, episode)
        assert rig.states(episode) == "drcc"
        rig.runner.keep()
    job = rig.job(episode, T)
    assert (rig.states(episode), job.tries, job.error) == ("dccc", 0, None)
    assert list(leases.checkpoints(rig.store.read(), episode, T)) == ["part"]


def test_a_retry_of_one_stage_runs_only_what_depends_on_it(rig: Rig) -> None:
    episode = rig.add()
    rig.run_all()
    rig.ran.clear()
    rig.library.retry(OWNER, episode, S)
    rig.run_all()
    assert ([stage for _, stage in rig.ran], rig.states(episode)) == ([S, P], "dddd")


def test_a_retry_without_a_stage_takes_the_first_that_needs_it(rig: Rig) -> None:
    rig.fail(T, errors.MediaUnreadable("Broken."))
    episode = rig.add()
    rig.run_all()
    assert rig.states(episode) == "dfqq"
    rig.library.retry(OWNER, episode)
    rig.run_all()
    assert rig.states(episode) == "dddd"
    with pytest.raises(errors.Conflict):
        rig.library.retry(OWNER, episode)


def test_a_new_transcript_forgets_the_notes_on_the_old_one(rig: Rig, store: Store) -> None:
    episode = rig.add()
    rig.run_all()
    rig.library.retry(OWNER, episode, T)
    rig.step(T)
    assert notes.current(store.read(), episode) is None


# --- an episode that is deleted -------------------------------------------------------------------------------


# --- the threads ----------------------------------------------------------------------------------------------


@pytest.fixture
def running(rig: Rig) -> Iterator[Rig]:
    rig.runner.start()
    yield rig
    rig.runner.stop()


def test_the_lanes_do_the_work_by_themselves(running: Rig) -> None:
    assert running.runner.alive()
    added = [running.add() for _ in range(5)]
    until(lambda: all(running.states(episode) == "dddd" for episode in added))


def test_a_lane_that_stumbles_goes_on(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """The store fails for a moment: a running job is claimed again after its lease has expired."""
    episode = rig.add()
    rig.store.write(lambda db: db.execute("ALTER TABLE jobs RENAME TO gone"))
    rig.runner.start()
    until(lambda: "stumbled" in caplog.text)
    rig.store.write(lambda db: db.execute("ALTER TABLE gone RENAME TO jobs"))
    until(lambda: rig.states(episode) == "dddd")
    rig.runner.stop()


def test_stopping_requeues_what_runs_and_a_new_start_finishes_it(rig: Rig) -> None:
    gate = rig.stages[T] = Gate(TRANSCRIPT)
    episode = rig.add()
    rig.runner.start()
    assert gate.entered.wait(30.0)
    rig.runner.stop()
    assert not rig.runner.alive()
    assert rig.states(episode) == "dqqq"
    assert rig.job(episode, T).tries == 0
    gate.opened.set()
    assert rig.new_runner().step(T)
    assert rig.state(episode, T) is State.DONE


def test_stopping_does_not_wait_for_a_stage_that_does_not_listen(rig: Rig) -> None:
    gate = rig.stages[T] = Gate(TRANSCRIPT, listens=False)
    episode = rig.add()
    rig.runner.start()
    assert gate.entered.wait(30.0)
    rig.runner.stop(timeout=0.1)
    assert rig.runner.alive() is False
    rig.store.write(leases.requeue_running)
    gate.opened.set()
    until(lambda: gate.at_once == 0)
    assert rig.states(episode) == "dqqq"


def test_nothing_is_begun_while_stopping(rig: Rig) -> None:
    episode = rig.add()
    rig.runner.stop()
    rig.step(F)
    assert (rig.ran, rig.states(episode)) == ([], "qqqq")


def test_settings_are_those_in_force_when_the_stage_starts(rig: Rig) -> None:
    seen: list[str] = []

    def run(given: Any, work: StepContext) -> Any:
        seen.append(given.settings.whisper_model)
        return RESULTS[T]

    rig.stages[T] = run
    rig.add()
    rig.add()
    rig.step(F, F, T)
    rig.settings.save(OWNER, "whisper_model", "small")
    rig.step(T)
    assert seen == ["demo", "small"]


def test_a_stuck_step_is_put_back_and_another_thread_takes_its_place(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never asks whether it is to end: a hung read of a dead network drive."""
    gate = Gate(RESULTS[Stage.FETCH], listens=False)
    rig.stages[Stage.FETCH] = gate
    episode = rig.add()
    rig.runner.start()
    try:
        assert gate.entered.wait(30.0)
        assert not rig.runner.stuck() and rig.runner.free_stuck() == []
        monkeypatch.setattr(runner_module, "SILENT_SECONDS", -1.0)
        rig.stages[Stage.FETCH] = lambda given, ctx: RESULTS[Stage.FETCH]
        assert rig.runner.stuck()
        (told,) = rig.runner.free_stuck()
        assert "fetch" in told
        monkeypatch.undo()
        rig.now += 3600.0
        rig.runner.wake()
        until(lambda: rig.states(episode)[0] == "d")
        assert rig.runner.alive()
        gate.opened.set()
        until(lambda: not rig.runner._runs_in)
        assert rig.states(episode)[0] == "d" and gate.runs == 1
    finally:
        gate.opened.set()
        assert rig.runner.stop(30.0)
