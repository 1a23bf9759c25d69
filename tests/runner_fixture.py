"""The real runner over a real store, with stages that a test writes and a clock that it turns."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core import events, settings
from core.domain.jobs.gpu_line import QueueState
from core.domain.jobs.job import PRIORITY_AUTOMATIC, Job, Stage, State
from core.domain.notes.note import Notes
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.net.web import Fetcher
from core.pipeline.graph import steps
from core.pipeline.runner import Runner
from core.pipeline.step import Resources, Step, StepContext, StepInput
from core.pipeline.steps.fetch import Fetched
from core.pipeline.steps.publish import Published
from core.services.ingest.ingest import Ingest
from core.services.jobs.queue import Queue
from core.services.library.bulk_actions import BulkActions
from core.services.library.exports import Exports
from core.services.library.library import Library
from core.services.library.retention import Retention
from core.services.library.trash import Trash
from core.services.reading.annotations import Annotations
from core.services.reading.note_versions import NoteVersions
from core.services.reading.publisher_extras import PublisherExtras
from core.services.settings.settings_service import SettingsService
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes

TRANSCRIPT = Transcript("en", 60.0, (Segment(0, 0.0, 2.0, "A talk about cats."),), SpeechEngine("demo"))
NOTES = Notes(tldr="Cats.", engine="ollama", model="m", coverage=1.0)
StepRun = Callable[[Any, StepContext], Any]
RESULTS: Mapping[str, Any] = {
    Stage.FETCH: Fetched("uploads/a.wav"),
    Stage.TRANSCRIBE: TRANSCRIPT,
    Stage.SUMMARISE: NOTES,
    Stage.PUBLISH: Published(("exports/a.md",)),
}


def real_runs(resources: Resources) -> dict[str, StepRun]:
    """The built-in steps as the server runs them, with these resources."""

    def of(step: Step) -> StepRun:
        def run(given: StepInput, ctx: StepContext) -> Any:
            ctx.lend(resources)
            return step.run(given, ctx)

        return run

    return {name: of(step) for name, step in steps().items()}


def until(true: Callable[[], bool]) -> None:
    """Waits for it, with patience that only a hang uses up."""
    give_up = time.monotonic() + 30.0
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.01)


class Rig:
    """`now` is the clock. `stages[name]` may be replaced; `ran` are the runs, in order. It is the runner's executor."""

    def __init__(self, store: Store, data: Path, environ: Mapping[str, str] | None = None) -> None:
        self.store = store
        self.data = data
        self.now = 1000.0
        self.ran: list[tuple[int, str]] = []
        self.stages: dict[str, StepRun] = {stage: self._plain(result) for stage, result in RESULTS.items()}
        environ = {"CASTMIND_ENV": "test", **(environ or {})}
        self.settings = SettingsService(settings.load({}, environ=environ), store, environ=environ)
        self.runner = self.new_runner()

        def clock() -> float:
            return self.now

        store.events.listen("runner", lambda _: self.runner.wake(), events.JobsQueued, events.CancelRequested)
        self.library = Library(store, self.settings, data)
        self.free_bytes = 1 << 50
        self.trash = Trash(
            store,
            self.settings,
            data,
            abandon=self.runner.abandon,
            clock=clock,
            free_bytes=lambda _: self.free_bytes,
        )
        self.retention = Retention(store, self.settings, data, self.trash, clock=clock)
        self.bulk_actions = BulkActions(store, self.trash, clock=clock)
        self.annotations = Annotations(store, clock=clock)
        self.note_versions = NoteVersions(store)
        self.fetcher = Fetcher(lambda: ("127.0.0.1",))
        self.publisher_extras = PublisherExtras(store, self.fetcher, clock=clock)
        self.ingest = Ingest(store, self.settings, data)
        self.exports = Exports(store)
        self.queue = Queue(store, retry=self.library.retry, gpu=QueueState)
        for name in ("uploads", "media", "exports"):
            (data / name).mkdir(exist_ok=True)

    def new_runner(self) -> Runner:
        """Like the one of a server that was started again."""
        return Runner(self.store, self.settings, steps(), self, clock=lambda: self.now)

    def run(self, step: Step, given: StepInput, ctx: StepContext) -> Any:
        self.ran.append((given.episode.id, step.name))
        return self.stages[step.name](given, ctx)

    @staticmethod
    def _plain(result: Any) -> StepRun:
        def run(given: StepInput, ctx: StepContext) -> Any:
            return result

        return run

    def add(self, *, priority: int = PRIORITY_AUTOMATIC, **columns: Any) -> int:
        """An episode with all four stages in the queue."""

        def change(db: Database) -> int:
            episode_id = episodes.add(db, {"title": "A talk", "source": "upload", **columns}, now=self.now)
            jobs.enqueue(db, episode_id, priority=priority, now=self.now)
            return episode_id

        return self.store.write(change)

    def fail(self, stage: Stage, *errors: Exception) -> None:
        """The stage raises these, one a run; then it does its work."""
        left = list(errors)

        def run(given: StepInput, ctx: StepContext) -> Any:
            if left:
                raise left.pop(0)
            return RESULTS[stage]

        self.stages[stage] = run

    def step(self, *stages: Stage) -> None:
        for stage in stages:
            assert self.runner.step(stage)

    def run_all(self) -> None:
        """Until nothing can be claimed at this time of the clock."""
        while any(self.runner.step(stage) for stage in Stage):
            pass

    def job(self, episode_id: int, stage: str) -> Job:
        return next(job for job in jobs.of_episode(self.store.read(), episode_id) if job.stage == stage)

    def state(self, episode_id: int, stage: str) -> State:
        return self.job(episode_id, stage).state

    def states(self, episode_id: int) -> str:
        """The four states by their first letters: dddd is all done."""
        return "".join(j.state.value[0] for j in jobs.of_episode(self.store.read(), episode_id))


class Gate:
    """A stage that stays in its run, speaking through `ctx`, until the test opens it."""

    def __init__(self, result: Any, *, listens: bool = True) -> None:
        self._result = result
        self._listens = listens
        self.entered = threading.Event()
        self.opened = threading.Event()
        self.runs = 0
        self.at_once = 0
        self.most_at_once = 0
        self.ctx: StepContext | None = None

    def __call__(self, given: StepInput, ctx: StepContext) -> Any:
        self.runs += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.ctx = ctx
        self.entered.set()
        try:
            while not self.opened.wait(0.01):
                if self._listens:
                    ctx.check()
        finally:
            self.at_once -= 1
        return self._result


class Background:
    """`step(stage)` in a thread of its own; leaving waits for it."""

    def __init__(self, rig: Rig, stage: Stage) -> None:
        self._thread = threading.Thread(target=rig.runner.step, args=(stage,))

    def __enter__(self) -> Background:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(timeout=30.0)
        assert not self._thread.is_alive()
