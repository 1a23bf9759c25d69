"""How a job looks: which of an episode's jobs speaks for it, what it does, and why it does not go on."""

from __future__ import annotations

import time
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Episode, Source
from core.domain.episodes.listed import Listed
from core.domain.jobs.job import Job, Stage, State
from pages.shared import jobs
from pages.shared.escape_markdown import plain
from pages.text import texts


def job(stage: str = Stage.TRANSCRIBE, state: State = State.RUNNING, **more: Any) -> Job:
    return Job(1, 7, stage, state, **more)


def listed(*jobs: Job, notes: str | None = None) -> Listed:
    return Listed(Episode(7, "Talk", Source.UPLOAD, 0.0, 0.0), jobs, None, notes)


@pytest.mark.parametrize(
    ("states", "foremost"),
    [
        ("done running queued queued", Stage.TRANSCRIBE),
        ("done failed queued running", Stage.PUBLISH),
        ("done waiting failed queued", Stage.SUMMARISE),
        ("done waiting queued queued", Stage.TRANSCRIBE),
        ("done queued queued queued", Stage.TRANSCRIBE),
        ("done cancelled cancelled done", Stage.TRANSCRIBE),
        ("done done done done", Stage.PUBLISH),
    ],
)
def test_one_job_speaks_for_its_episode(states: str, foremost: Stage) -> None:
    row = [job(stage, State(state)) for stage, state in zip(Stage, states.split(), strict=True)]
    for given in (row, row[::-1]):
        found = jobs.foremost(listed(*given))
        assert found is not None and found.stage == foremost
    assert jobs.foremost(listed()) is None


def test_a_wait_for_better_notes_does_not_speak_for_an_episode_that_can_be_read() -> None:
    row = [job(stage, State(state)) for stage, state in zip(Stage, ["done", "done", "waiting", "done"], strict=True)]
    (found, without) = (jobs.foremost(listed(*row, notes="extractive")), jobs.foremost(listed(*row)))
    assert found is not None and (found.stage, found.state) == (Stage.PUBLISH, State.DONE)
    assert without is not None and without.stage == Stage.SUMMARISE


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (job("diarise"), "diarise"),
        (job(Stage.FETCH, detail={"total_bytes": 2_000_000}), "Downloading audio · 0 B / 2.0 MB"),
        (
            job(progress=0.5, detail={"phase": "transcribing", "position": 30.0, "duration": 60.0, "real_time_factor": 0.25}),
            "Transcribing · 50% · 0:30 / 1:00 · 4.0× real time",
        ),
        (
            job(Stage.SUMMARISE, detail={"answer": "reading", "seconds": 40.0, "eta": 120.0}),
            "Writing notes · the language model has been reading a passage for 40 s · about 2 min left",
        ),
        (
            job(Stage.SUMMARISE, detail={"answer": "writing", "token_rate": 12.34}),
            "Writing notes · the language model is writing 12.3 tokens per second",
        ),
    ],
)
def test_a_running_job_says_as_much_as_it_knows(resting: CastMind, shown: Job, said: str) -> None:
    assert jobs.doing(shown) == said


def test_a_next_try_is_told_only_while_there_is_one(resting: CastMind) -> None:
    soon = time.time() + 600.0
    assert jobs.next_try(job(state=State.WAITING, not_before=soon)) == "Next try in 10 min."
    assert jobs.next_try(job(state=State.QUEUED, not_before=soon))
    assert jobs.next_try(job(state=State.WAITING, not_before=1.0)) == ""
    assert jobs.next_try(job(state=State.FAILED, not_before=soon)) == ""


@pytest.mark.parametrize(
    ("code", "page"), [("ollama_unreachable", "settings"), ("disk_full", "status"), ("not_audio", None), ("", None)]
)
def test_a_remedy_is_named_only_where_the_reader_has_one(code: str, page: str | None) -> None:
    assert jobs.remedy_page({"code": code}) == page


def test_a_step_without_a_text_keeps_its_own_name(resting: CastMind) -> None:
    resting.settings.save(OWNER, "language", "zh")
    assert [jobs.stage_name(name) for name in ("fetch", "diarise")] == [texts("zh")["stage.fetch"], "diarise"]


def drawn(shown: Job) -> AppTest:
    def page(shown: object) -> None:
        from pages.shared import jobs

        jobs.reason(shown)  # type: ignore[arg-type]

    test = AppTest.from_function(page, args=(shown,)).run()
    assert not test.exception
    return test


def test_a_failure_is_an_error_and_a_wait_a_warning(resting: CastMind) -> None:
    error = {"code": "not_audio", "detail": "[Errno -2] This is *no* audio.", "params": {}}
    said = plain(texts("en")["error.not_audio"])
    failed = drawn(job(state=State.FAILED, error=error))
    assert [each.value for each in failed.error] == [said] and not failed.warning
    waits = drawn(job(state=State.WAITING, error=error, not_before=time.time() + 600.0))
    assert [each.value for each in waits.warning] == [f"{said} Next try in 10 min."] and not waits.error
    for quiet in (drawn(job(state=State.CANCELLED, error=error)), drawn(job(state=State.WAITING))):
        assert not quiet.error and not quiet.warning


def test_every_state_has_its_badge(resting: CastMind) -> None:
    def page() -> None:
        from core.domain.jobs.job import State
        from pages.shared import jobs

        for state in (*State, None):
            jobs.badge(state)

    test = AppTest.from_function(page).run()
    assert not test.exception
    said = [*(texts("en")[f"state.{state.value}"] for state in State), texts("en")["state.new"]]
    assert [word in each.value for word, each in zip(said, test.markdown, strict=True)] == [True] * len(said)
