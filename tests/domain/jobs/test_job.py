from __future__ import annotations

from dataclasses import replace

import pytest

from core import errors
from core.domain.jobs.job import (
    MAX_TRIES,
    PATIENT_MOST,
    PATIENT_TRIES,
    Job,
    Stage,
    State,
    after_crash,
    after_error,
    backoff,
    overall,
    patient_backoff,
    try_after_poll,
)

NOW = 1000.0


def job(tries: int = 0, state: State = State.RUNNING, stage: Stage = Stage.FETCH) -> Job:
    return Job(1, 1, stage, state, tries=tries)


def test_backoff_grows_and_is_capped() -> None:
    assert [backoff(n) for n in (0, 1, 2, 3, 4, 50)] == [5.0, 5.0, 25.0, 125.0, 600.0, 600.0]


@pytest.mark.parametrize("error", [errors.WorkerDied("gone"), errors.OllamaBadAnswer("?"), ValueError("?"), OSError("?")])
def test_what_may_work_next_time_is_tried_again_later_until_the_last_try(error: Exception) -> None:
    first = after_error(error, job(0), now=NOW, progressed=False)
    assert (first.state, first.tries, first.not_before) == (State.QUEUED, 1, NOW + 5.0)
    second = after_error(error, job(1), now=NOW, progressed=False)
    assert (second.state, second.not_before) == (State.QUEUED, NOW + 25.0)
    last = after_error(error, job(MAX_TRIES - 1), now=NOW, progressed=False)
    assert (last.state, last.tries) == (State.FAILED, MAX_TRIES)
    assert last.error


def test_a_run_that_got_further_is_not_counted() -> None:
    what = after_error(errors.WorkerDied("gone"), job(MAX_TRIES - 1), now=NOW, progressed=True)
    assert (what.state, what.tries) == (State.QUEUED, MAX_TRIES - 1)
    assert what.not_before > NOW


def test_an_unexpected_error_is_kept_with_its_kind() -> None:
    what = after_error(KeyError("title"), job(), now=NOW, progressed=False)
    assert what.error == {"code": "internal", "detail": "KeyError: 'title'", "params": {}}


def test_outside_conditions_wait_and_use_no_try() -> None:
    error = errors.OllamaModelMissing("Pull it.", model="qwen")
    what = after_error(error, job(MAX_TRIES - 1), now=NOW, progressed=False)
    assert (what.state, what.tries, what.not_before) == (State.WAITING, MAX_TRIES - 1, NOW + error.retry_after)
    assert what.error == {"code": "ollama_model_missing", "detail": "Pull it.", "params": {"model": "qwen"}}


@pytest.mark.parametrize("error", [errors.EnclosureGone("410"), errors.NotAudio("text")])
def test_what_will_not_work_again_fails_at_once(error: errors.CastMindError) -> None:
    what = after_error(error, job(), now=NOW, progressed=True)
    assert what.state is State.FAILED
    assert what.error == error.to_dict()


def test_patience_grows_from_an_hour_to_a_week_with_jitter() -> None:
    hours = [patient_backoff(n) / 3600 for n in range(1, PATIENT_TRIES)]
    assert hours == [1, 2, 4, 8, 16, 32, 64, 128, 168]
    assert patient_backoff(1, jitter=1.0) == pytest.approx(3960.0)
    assert patient_backoff(0) == 3600.0


def test_a_server_that_names_a_later_time_is_not_asked_before() -> None:
    error = errors.ServerBusy("Later.")
    for said, waited in ((7.0, 3600.0), (90_000.0, 90_000.0)):
        error.retry_after = said
        what = after_error(error, job(), now=NOW, progressed=False, patient=True)
        assert (what.state, what.not_before, what.tries) == (State.WAITING, NOW + waited, 1)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (errors.AccessRefused("?", status=403), State.WAITING),
        (errors.AccessRefused("?", status=401), State.FAILED),
        (errors.TooLarge("?"), State.FAILED),
        (errors.BadAddress("?"), State.FAILED),
        (errors.MediaUnreadable("?"), State.FAILED),
        (errors.Cancelled(), State.CANCELLED),
        (errors.ShuttingDown(), State.QUEUED),
    ],
)
def test_patience_is_for_what_may_pass(error: errors.CastMindError, state: State) -> None:
    assert after_error(error, job(), now=NOW, progressed=False, patient=True).state is state


def test_patience_ends_with_the_tenth_try() -> None:
    found = [after_error(errors.EnclosureGone("?"), job(n), now=NOW, progressed=False, patient=True) for n in (8, 9)]
    assert [(each.state, each.tries) for each in found] == [(State.WAITING, 9), (State.FAILED, 10)]


def test_a_transfer_that_got_further_goes_on_in_five_seconds_without_using_a_try() -> None:
    found = after_error(errors.Transient("?"), job(2), now=NOW, progressed=True, patient=True)
    assert (found.state, found.not_before, found.tries) == (State.QUEUED, NOW + 5.0, 2)


def test_a_poll_leaves_what_waits_or_was_cancelled() -> None:
    for state in (State.WAITING, State.CANCELLED, State.DONE):
        assert try_after_poll(job(state=state), now=NOW + PATIENT_MOST) is None


def test_a_failed_download_that_is_still_listed_is_tried_afresh_or_once_a_week() -> None:
    failed = replace(job(state=State.FAILED), error=errors.DownloadFailed("?").to_dict(), finished_at=NOW)
    assert try_after_poll(replace(failed, tries=9), now=NOW) == 0
    assert try_after_poll(replace(failed, tries=10), now=NOW + PATIENT_MOST - 1) is None
    assert try_after_poll(replace(failed, tries=10), now=NOW + PATIENT_MOST) == 9
    assert try_after_poll(replace(failed, error=errors.TooLarge("?").to_dict()), now=NOW + PATIENT_MOST) is None


def test_a_job_is_tried_three_times() -> None:
    found = [after_error(ValueError("?"), job(n), now=NOW, progressed=False).state for n in range(3)]
    assert found == [State.QUEUED, State.QUEUED, State.FAILED]


def test_a_stop_is_no_error() -> None:
    for error, state in (
        (errors.Cancelled(), State.CANCELLED),
        (errors.ShuttingDown(), State.QUEUED),
        (errors.LeaseLost(), State.QUEUED),
    ):
        what = after_error(error, job(2), now=NOW, progressed=False)
        assert (what.state, what.tries, what.error, what.not_before) == (state, 2, None, 0.0)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], None),
        (["done", "done", "done", "done"], State.DONE),
        (["queued", "queued", "queued", "queued"], State.QUEUED),
        (["done", "running", "queued", "queued"], State.RUNNING),
        (["done", "done", "waiting", "done"], State.WAITING),
        (["done", "failed", "queued", "queued"], State.FAILED),
        (["done", "cancelled", "cancelled", "cancelled"], State.CANCELLED),
        (["done", "done", "cancelled", "done"], State.CANCELLED),
    ],
)
def test_an_episode_shows_what_needs_attention_first(states: list[str], expected: State | None) -> None:
    jobs = [job(state=State(state), stage=stage) for stage, state in zip(Stage, states, strict=False)]
    assert overall(jobs) is expected


def test_a_worker_that_dies_three_times_at_one_place_is_told_with_what_to_do() -> None:
    last = job(MAX_TRIES - 1, stage=Stage.TRANSCRIBE)
    what = after_error(errors.WorkerDied("It was killed by signal 9."), last, now=NOW, progressed=False)
    assert what.state is State.FAILED
    assert what.error and what.error["code"] == "worker_keeps_dying"
    for part in ("signal 9", "continues from there", "try again", "smaller model"):
        assert part in what.error["detail"]
    first = after_error(errors.WorkerDied(), job(), now=NOW, progressed=False)
    assert first.error and first.error["code"] == "worker_died"


@pytest.mark.parametrize(
    ("crashes", "faults", "fault", "state", "params"),
    [
        (0, 0, True, State.QUEUED, {"times": 1, "most": 3}),
        (1, 1, True, State.QUEUED, {"times": 2, "most": 3}),
        (2, 2, True, State.FAILED, {"times": 3}),
        (0, 0, False, State.QUEUED, {"times": 1, "most": 10}),
        (2, 0, False, State.QUEUED, {"times": 3, "most": 10}),
        (2, 2, False, State.QUEUED, {"times": 3, "most": 10}),
        (8, 2, False, State.QUEUED, {"times": 9, "most": 10}),
        (8, 1, True, State.QUEUED, {"times": 2, "most": 3}),
        (9, 0, False, State.FAILED, {"times": 10}),
        (9, 1, True, State.FAILED, {"times": 10}),
        (8, 2, True, State.FAILED, {"times": 3}),
    ],
)
def test_three_faults_or_ten_ends_give_a_job_up(
    crashes: int, faults: int, fault: bool, state: State, params: dict[str, int]
) -> None:
    running = job(2, stage=Stage.PUBLISH)
    what, *counted = after_crash(replace(running, crashes=crashes, faults=faults), fault=fault)
    assert (what.state, counted, what.tries) == (state, [crashes + 1, faults + fault], 2)
    assert what.error and what.error["params"] == params
    assert "What was finished is kept" in what.error["detail"]
    assert ("try again" in what.error["detail"]) is (state is State.FAILED)


@pytest.mark.parametrize("fault", [True, False])
def test_a_cancelled_job_is_cancelled_by_any_end(fault: bool) -> None:
    what, *counted = after_crash(replace(job(2), crashes=9, faults=2, cancel_requested=True), fault=fault)
    assert (what.state, what.error, counted) == (State.CANCELLED, None, [0, 0])
