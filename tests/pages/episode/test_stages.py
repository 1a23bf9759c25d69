"""Which stages of an episode are told of in full."""

from __future__ import annotations

from core.domain.jobs.job import Job, Stage, State
from pages.episode.stages import unsettled


def jobs(*states: State) -> list[Job]:
    return [Job(i, 1, stage, state) for i, (stage, state) in enumerate(zip(Stage, states, strict=True))]


def told(*states: State) -> list[Stage]:
    return [job.stage for job in unsettled(jobs(*states))]


def test_nothing_is_left_to_say_of_what_is_done() -> None:
    assert told(*[State.DONE] * 4) == []


def test_what_stands_behind_another_stage_waits_without_a_word() -> None:
    assert told(State.DONE, State.RUNNING, State.QUEUED, State.QUEUED) == [Stage.TRANSCRIBE]


def test_a_failure_behind_a_wait_is_told_too() -> None:
    assert told(State.DONE, State.DONE, State.WAITING, State.FAILED) == [Stage.SUMMARISE, Stage.PUBLISH]
