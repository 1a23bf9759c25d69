"""A step that a plug-in brings: one file, registered as a plug-in would, at both places of the graph.

fetch ─▶ transcribe ─▶ [diarise] ─▶ summarise ─▶ publish
              └──────▶ [embed]
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from core import app, errors, settings
from core.api import schemas
from core.domain.accounts.actor import OWNER
from core.domain.jobs import step_graph
from core.domain.jobs.job import MAX_TRIES, Job, Stage, State
from core.domain.transcripts.transcript import Transcript
from core.pipeline import graph
from core.pipeline.protocol import Assignment, ClaimRequest, Idle
from core.pipeline.remote_runs import RemoteRuns
from core.pipeline.step import Checkpoint, Need, Resources, Step, StepContext, StepInput
from core.pipeline.values import from_json, to_json
from core.settings import Settings
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs, leases
from core.store.library import episodes
from core.store.settings import saved_settings
from core.store.text import transcripts
from pages.episode.stages import unsettled
from pages.queue import queue_cards
from pages.shared import jobs as looks
from tests.runner_fixture import TRANSCRIPT, Background, Gate, Rig, real_runs

F, T, S, P = Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyInput(StepInput):
    transcript: Transcript | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    letters: int


class Toy(Step):
    """Counts the letters of the transcript, and keeps the number as a setting of the episode's."""

    needs: ClassVar[frozenset[Need]] = frozenset({Need.CPU})
    input: ClassVar[type[StepInput]] = ToyInput
    values: ClassVar[tuple[type, ...]] = (Counted,)

    def inputs(self, db: Database, job: Job, *, settings: Settings, now: float) -> ToyInput:
        episode = episodes.get(db, job.episode_id)
        return ToyInput(job=job, episode=episode, transcript=transcripts.find(db, job.episode_id))

    def run(self, given: ToyInput, ctx: StepContext) -> Counted:
        ctx.emit(Checkpoint("letters", {"read": True}))
        ctx.report(0.5, {"phase": "counting"})
        return Counted(len(given.transcript.text if given.transcript else ""))

    def save(self, db: Database, job: Job, value: Counted, *, now: float) -> None:
        saved_settings.save(db, f"{self.name}_{job.episode_id}", value.letters, now=now)


class Diarise(Toy):
    name: ClassVar[str] = "diarise"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.GPU, Need.CPU})
    after: ClassVar[tuple[str, ...]] = ("transcribe",)
    before: ClassVar[tuple[str, ...]] = ("summarise",)


class Embed(Toy):
    name: ClassVar[str] = "embed"
    after: ClassVar[tuple[str, ...]] = ("transcribe",)


@pytest.fixture(params=[Diarise, Embed], ids=["between", "beside"])
def toy(request: pytest.FixtureRequest) -> Iterator[Step]:
    step: Step = request.param()
    graph.register(step)
    yield step
    graph.unregister(step.name)


@pytest.fixture
def plugged(toy: Step, store: Store, tmp_path: Path) -> Rig:
    """A rig whose toy step is run for real; the others are played."""
    rig = Rig(store, tmp_path)
    rig.stages[toy.name] = real_runs(Resources(tmp_path, None, None, None, rig.fetcher))[toy.name]  # type: ignore[arg-type]
    return rig


@pytest.fixture
def english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CastMind that is built and not started: pages ask it for the language."""
    monkeypatch.setattr(app, "_current", None)
    environ = {"CASTMIND_ENV": "test", "CASTMIND_DATA_DIR": str(tmp_path / "other"), "CASTMIND_LANGUAGE": "en"}
    app.build(settings.load({}, environ=environ))


def run_all(rig: Rig) -> None:
    while any(rig.runner.step(name) for name in graph.steps()):
        pass


def until_toy(rig: Rig) -> int:
    """An episode whose toy step comes next."""
    episode = rig.add()
    rig.step(F, T)
    return episode


def states(rig: Rig, episode: int) -> dict[str, str]:
    return {job.stage: job.state.value for job in jobs.of_episode(rig.store.read(), episode)}


def test_it_runs_after_its_step_with_its_input_and_its_result_is_kept(plugged: Rig, toy: Step) -> None:
    episode = plugged.add()
    run_all(plugged)
    assert set(states(plugged, episode).values()) == {"done"}
    ran = [name for _, name in plugged.ran]
    assert ran == list(graph.steps())
    assert ran.index(T) < ran.index(toy.name)
    kept = plugged.store.read().execute("SELECT value FROM settings WHERE name = ?", [f"{toy.name}_{episode}"]).fetchone()
    assert json.loads(kept[0]) == len(TRANSCRIPT.text)
    job = plugged.job(episode, toy.name)
    assert (job.progress, dict(job.detail)) == (1.0, {"phase": "counting"})
    assert leases.checkpoints(plugged.store.read(), episode, toy.name) == {}


def test_a_worker_is_given_it_if_all_that_it_needs_is_offered(plugged: Rig, toy: Step) -> None:
    until_toy(plugged)
    remote = RemoteRuns(plugged.runner.claims, [toy.name])
    for missing in toy.needs:
        assert remote.handle(ClaimRequest("part", (toy.name,), tuple(frozenset(Need) - {missing}))) == Idle()
    given = remote.handle(ClaimRequest("all", (toy.name,), tuple(toy.needs)))
    assert isinstance(given, Assignment) and given.step == toy.name


def test_its_values_serialise(plugged: Rig, toy: Step) -> None:
    episode = until_toy(plugged)
    given = toy.inputs(plugged.store.read(), plugged.job(episode, toy.name), settings=Settings(), now=1.0)
    for value in (given, Counted(3)):
        assert from_json(type(value), json.loads(json.dumps(to_json(value)))) == value


def test_only_what_comes_after_it_waits_for_it(plugged: Rig, toy: Step) -> None:
    episode = until_toy(plugged)
    behind = step_graph.current().following(toy.name)
    assert behind == ((S, P) if isinstance(toy, Diarise) else ())
    assert plugged.runner.step(S) is (S not in behind)
    plugged.step(toy.name)
    run_all(plugged)
    assert set(states(plugged, episode).values()) == {"done"}


def test_a_retry_of_it_runs_what_depends_on_it_again_and_nothing_else(plugged: Rig, toy: Step) -> None:
    episode = plugged.add()
    run_all(plugged)
    plugged.ran.clear()
    plugged.library.retry(OWNER, episode, toy.name)
    run_all(plugged)
    assert [name for _, name in plugged.ran] == [toy.name, *step_graph.current().following(toy.name)]


def test_a_retry_of_the_step_before_it_runs_it_again(plugged: Rig, toy: Step) -> None:
    episode = plugged.add()
    run_all(plugged)
    plugged.ran.clear()
    plugged.library.retry(OWNER, episode, T)
    run_all(plugged)
    assert [name for _, name in plugged.ran] == [name for name in graph.steps() if name != F]


def test_it_fails_after_its_tries_and_the_retry_goes_on(plugged: Rig, toy: Step) -> None:
    real, left = plugged.stages[toy.name], [errors.WorkerDied("It ended.")] * MAX_TRIES

    def run(given: Any, ctx: StepContext) -> Any:
        if left:
            raise left.pop()
        return real(given, ctx)

    plugged.stages[toy.name] = run
    episode = until_toy(plugged)
    for _ in range(MAX_TRIES):
        plugged.step(toy.name)
        plugged.now += 1000.0
    assert plugged.state(episode, toy.name) is State.FAILED
    run_all(plugged)
    # Something to read is published although the step before its notes failed.
    assert states(plugged, episode) == {
        F: "done", T: "done", toy.name: "failed", S: "queued" if isinstance(toy, Diarise) else "done", P: "done"
    }  # fmt: skip
    plugged.library.retry(OWNER, episode)
    run_all(plugged)
    assert set(states(plugged, episode).values()) == {"done"}


def test_it_waits_for_an_outside_condition_and_goes_on_by_itself(plugged: Rig, toy: Step) -> None:
    real, left = plugged.stages[toy.name], [errors.OllamaUnreachable("It is off.")]

    def run(given: Any, ctx: StepContext) -> Any:
        if left:
            raise left.pop()
        return real(given, ctx)

    plugged.stages[toy.name] = run
    episode = until_toy(plugged)
    plugged.step(toy.name)
    job = plugged.job(episode, toy.name)
    assert (job.state, (job.error or {})["code"], job.not_before > plugged.now) == (State.WAITING, "ollama_unreachable", True)
    plugged.now = job.not_before
    run_all(plugged)
    assert set(states(plugged, episode).values()) == {"done"}


def test_it_is_cancelled_while_it_runs_and_while_it_is_queued(plugged: Rig, toy: Step) -> None:
    gate = plugged.stages[toy.name] = Gate(Counted(1))
    episode = until_toy(plugged)
    with Background(plugged, toy.name):
        assert gate.entered.wait(30.0)
        plugged.library.cancel(OWNER, episode, toy.name)
        plugged.runner.keep()
    assert plugged.state(episode, toy.name) is State.CANCELLED
    other = plugged.add()
    plugged.queue.cancel(OWNER, plugged.job(other, toy.name).id)
    assert plugged.state(other, toy.name) is State.CANCELLED


def test_a_job_whose_server_was_killed_is_taken_back_and_done_from_its_checkpoints(plugged: Rig, toy: Step) -> None:
    episode = until_toy(plugged)
    job = plugged.store.write(partial(leases.claim, stage=toy.name, now=plugged.now))
    assert job
    plugged.store.write(lambda db: leases.add_checkpoint(db, job, "letters", {"read": True}, now=plugged.now))
    (taken,) = plugged.store.write(lambda db: leases.take_back_crashed(db, now=plugged.now, fault=False))
    assert (taken.stage, taken.state, taken.crashes) == (toy.name, State.QUEUED, 1)
    seen: list[Any] = []
    real = plugged.stages[toy.name]

    def run(given: Any, ctx: StepContext) -> Any:
        seen.append(dict(given.checkpoints))
        return real(given, ctx)

    plugged.stages[toy.name] = run
    plugged.runner = plugged.new_runner()
    run_all(plugged)
    assert seen == [{"letters": {"read": True}}]
    assert set(states(plugged, episode).values()) == {"done"}


def test_what_was_twice_there_when_the_server_broke_down_runs_alone(plugged: Rig, toy: Step) -> None:
    first, second = until_toy(plugged), until_toy(plugged)
    for _ in range(2):
        assert plugged.store.write(partial(leases.claim, stage=toy.name, now=plugged.now))
        plugged.store.write(lambda db: leases.take_back_crashed(db, now=plugged.now, fault=True))
    third = plugged.add()
    assert not plugged.runner.step(F), "the suspect goes before all others"
    plugged.step(toy.name)
    assert plugged.state(first, toy.name) is State.DONE
    plugged.step(F)
    assert (plugged.state(second, toy.name), plugged.state(third, F)) == (State.QUEUED, State.DONE)


def test_an_older_episode_gets_no_job_for_it_until_it_is_asked_for(plugged: Rig, toy: Step) -> None:
    old = plugged.store.write(partial(episodes.add, values={"title": "Old", "source": "upload"}, now=1.0))
    plugged.store.write(partial(jobs.enqueue, episode_id=old, priority=0, now=1.0, stages=tuple(Stage)))
    run_all(plugged)
    assert states(plugged, old) == dict.fromkeys(Stage, "done")
    plugged.library.retry(OWNER, old, S)
    run_all(plugged)
    assert toy.name not in states(plugged, old)
    plugged.ran.clear()
    plugged.library.retry(OWNER, old, toy.name)
    run_all(plugged)
    assert states(plugged, old)[toy.name] == "done"
    assert [name for _, name in plugged.ran] == [toy.name, *step_graph.current().following(toy.name)]


@pytest.mark.usefixtures("english")
def test_the_pages_draw_it_under_its_own_name(plugged: Rig, toy: Step) -> None:
    episode = until_toy(plugged)
    (row,) = plugged.queue.work(OWNER, "open")
    drawn = queue_cards.card(row)["steps"]
    assert [each["name"] for each in drawn] == [looks.stage_name(name) for name in graph.steps()]
    (own,) = [each for each in drawn if each["name"] == toy.name]
    assert own["state"] == "queued"
    plugged.stages[toy.name] = plugged._plain(Counted(1))
    plugged.fail(toy.name, errors.Permanent("It cannot be."))
    plugged.step(toy.name)
    listed = plugged.library.episode(OWNER, episode)
    assert toy.name in [job.stage for job in unsettled(sorted(listed.jobs, key=looks.place))]
    assert looks.doing(plugged.job(episode, toy.name)) == toy.name


def test_the_api_shows_it_among_the_stages_and_the_jobs(plugged: Rig, toy: Step) -> None:
    episode = plugged.add()
    run_all(plugged)
    shown = schemas.episode(plugged.library.episode(OWNER, episode))
    assert [stage["name"] for stage in shown["stages"]] == list(graph.steps())
    rows = [schemas.job_row(row) for row in plugged.queue.jobs(OWNER)]
    assert {row["stage"]: row["state"] for row in rows}[toy.name] == "done"


@pytest.mark.usefixtures("english")
def test_once_it_is_unregistered_its_jobs_stay_and_hold_nothing_up(store: Store, tmp_path: Path) -> None:
    graph.register(Diarise())
    try:
        rig = Rig(store, tmp_path)
        episode = until_toy(rig)
    finally:
        graph.unregister("diarise")
    rig.runner = rig.new_runner()
    run_all(rig)
    assert states(rig, episode) == {F: "done", T: "done", S: "done", P: "done", "diarise": "queued"}
    assert [row.job.stage for row in rig.queue.jobs(OWNER, [State.QUEUED])] == ["diarise"]
    (row,) = rig.queue.work(OWNER, "open")
    assert [each["name"] for each in queue_cards.card(row)["steps"]][-1] == "diarise"
