"""A plug-in's step in the HTTP contract, where steps are called stages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from core.domain.jobs.job import Job
from core.pipeline import graph
from core.pipeline.step import Step, StepContext, StepInput
from core.settings import PROJECT, Settings
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes
from tests.api.conftest import Running


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
    graph.register(Diarise())
    yield
    graph.unregister("diarise")


def add(services: Running) -> int:
    return services.ingest.take_file(copy(services.data)).episode.id


def copy(data: Path) -> Path:
    path = data / "en_short.wav"
    path.write_bytes((PROJECT / "demo" / "samples" / "en_short.wav").read_bytes())
    return path


@pytest.mark.usefixtures("diarise")
def test_an_episode_has_it_among_its_stages_and_the_queue_among_its_jobs(api: httpx.Client, services: Running) -> None:
    number = add(services)
    stages = [stage["name"] for stage in api.get(f"/episodes/{number}").json()["stages"]]
    assert stages == ["fetch", "transcribe", "diarise", "summarise", "publish"]
    rows = api.get("/jobs").json()["items"]
    assert [row["stage"] for row in rows if row["episode_id"] == number] == stages


@pytest.mark.usefixtures("diarise")
def test_it_is_cancelled_and_retried_by_its_name(api: httpx.Client, services: Running) -> None:
    number = add(services)

    def state() -> dict[str, str]:
        return {stage["name"]: stage["state"] for stage in api.get(f"/episodes/{number}").json()["stages"]}

    assert api.post(f"/episodes/{number}/cancel", json={"stage": "diarise"}).status_code == 200
    assert (state()["diarise"], state()["transcribe"]) == ("cancelled", "queued")
    assert api.post(f"/episodes/{number}/retry", json={"stage": "diarise"}).status_code == 200
    assert state()["diarise"] == "queued"


@pytest.mark.usefixtures("diarise")
def test_an_older_episode_gets_it_when_it_is_asked_for(api: httpx.Client, services: Running) -> None:
    old = services.store.write(partial(episodes.add, values={"title": "Old", "source": "upload"}, now=1.0))
    built_in = [step.name for step in graph.BUILT_IN]
    services.store.write(partial(jobs.enqueue, episode_id=old, priority=0, now=1.0, stages=built_in))
    assert [stage["name"] for stage in api.get(f"/episodes/{old}").json()["stages"]] == built_in
    stages = api.post(f"/episodes/{old}/retry", json={"stage": "diarise"}).json()["stages"]
    assert [stage["name"] for stage in stages] == ["fetch", "transcribe", "diarise", "summarise", "publish"]


def test_a_stage_that_is_none_is_refused_with_those_there_are(api: httpx.Client, services: Running) -> None:
    answer = api.post(f"/episodes/{add(services)}/retry", json={"stage": "diarise"})
    assert answer.status_code == 422
    assert "'fetch', 'transcribe', 'summarise' or 'publish'" in answer.text


def test_the_contract_names_the_stages_that_are_registered(api: httpx.Client) -> None:
    schema = {"enum": ["fetch", "transcribe", "summarise", "publish"], "title": "Stage", "type": "string"}
    assert api.get("/openapi.json").json()["components"]["schemas"]["Stage"] == schema


@pytest.mark.usefixtures("diarise")
def test_the_contract_names_a_plug_ins_stage_too(api: httpx.Client) -> None:
    names = ["fetch", "transcribe", "diarise", "summarise", "publish"]
    assert api.get("/openapi.json").json()["components"]["schemas"]["Stage"]["enum"] == names
