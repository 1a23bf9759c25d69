"""Which stages of an episode are shown in full, and a plug-in's among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

from core import app
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Job, Stage, State
from core.pipeline import graph
from core.pipeline.step import Step, StepContext, StepInput
from core.settings import Settings
from core.store.db.sqlite import Database
from core.store.library import episodes
from pages.episode.stages import unsettled
from tests.pages.conftest import Open


def jobs(*states: State) -> list[Job]:
    return [Job(i, 1, stage, state) for i, (stage, state) in enumerate(zip(Stage, states, strict=True))]


def told(*states: State) -> list[str]:
    return [job.stage for job in unsettled(jobs(*states))]


def test_nothing_is_left_to_say_of_what_is_done() -> None:
    assert told(*[State.DONE] * 4) == []


def test_what_stands_behind_another_stage_waits_without_a_word() -> None:
    assert told(State.DONE, State.RUNNING, State.QUEUED, State.QUEUED) == [Stage.TRANSCRIBE]


def test_a_failure_behind_a_wait_is_told_too() -> None:
    assert told(State.DONE, State.DONE, State.WAITING, State.FAILED) == [Stage.SUMMARISE, Stage.PUBLISH]


class Diarise(Step):
    name: ClassVar[str] = "diarise"
    after: ClassVar[tuple[str, ...]] = ("transcribe",)
    before: ClassVar[tuple[str, ...]] = ("summarise",)

    def inputs(self, db: Database, job: Job, *, settings: Settings, now: float) -> StepInput:
        return StepInput(job=job, episode=episodes.get(db, job.episode_id))

    def run(self, given: StepInput, ctx: StepContext) -> None:
        ctx.check()

    def save(self, db: Database, job: Job, value: None, *, now: float) -> None:
        """There is nothing to keep."""


@pytest.fixture
def diarise() -> Iterator[None]:
    """Registered before CastMind is built, as a plug-in would."""
    graph.register(Diarise())
    yield
    graph.unregister("diarise")


def test_a_plug_ins_step_stands_in_the_episode_page_under_its_own_name(
    diarise: None, castmind: app.CastMind, opened: Open
) -> None:
    castmind.queue.pause(OWNER)
    number = castmind.ingest.import_address(OWNER, "http://127.0.0.1:9/talk.mp3").episode.id
    page = opened("episode/page.py", id=str(number))
    badges = [each.value for each in page.markdown if "-badge[" in each.value]
    names = [name for name in ("Download", "Transcript", "diarise", "Notes", "Export") if any(name in badge for badge in badges)]
    assert names == ["Download", "Transcript", "diarise", "Notes", "Export"]
    places = ["".join(badges).index(f"{name} · ") for name in names]
    assert places == sorted(places)
