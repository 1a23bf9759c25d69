"""The contract of a step of the pipeline. A step is one file in `steps/` and one line in the table of `graph.py`.

    claim ─▶ inputs(db, job) ─▶ StepInput ══▶ run(given, ctx) ══▶ parts, result ─▶ save(db, job, value)
             in a snapshot            in an executor, without a database            in the transaction that holds the lease

Only plain values that serialise (`values.py`) cross `══`. Media go by reference: a path under the data folder. Credentials
are added to the input by the runner, and only for a step that declares them.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core import errors
from core.domain.episodes.episode import Episode
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.jobs.job import Job
from core.net.web import Fetcher
from core.settings import Settings
from core.speech.client.client import SpeechClient
from core.store.db.sqlite import Database

if TYPE_CHECKING:
    from core.notes.language_model import LanguageModel
    from core.pipeline.gpu import GpuLease


class Need(StrEnum):
    """A resource that a step needs. A worker is given only steps whose needs it offers; the server's own process offers all.

    GPU is the card, or cores that stand in for it: a worker that is to recognise speech without a card offers it too. NET is the
    way to other hosts, such as a publisher's server or Ollama.
    """

    CPU = "cpu"
    GPU = "gpu"
    NET = "net"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A finished part of the work, kept until the step is done: a transcribed window, a summarised chunk."""

    key: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInput:
    """The values that every step receives, as they were when the job was claimed; a step adds fields in a subclass.

    The runner fills in `checkpoints` (of earlier runs, by key) and `credentials` (of the episode's feed, None unless the step
    declares `credentials`).
    """

    job: Job
    episode: Episode
    checkpoints: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    credentials: FeedCredentials | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources that an executor lends to its steps. `data` is the data folder, to which paths in inputs are relative."""

    data: Path
    speech: SpeechClient
    language_model: LanguageModel
    gpu: GpuLease
    fetcher: Fetcher


class StepContext:
    """One run of one job, as seen by its step. `emit` commits a part at once; `check` ends a run that is to stop.

    `seen_at` (monotonic) is when the step last reported or asked whether it is to end: its sign of life.
    """

    def __init__(self, emit: Callable[[Any], None], resources: Resources | None = None) -> None:
        self._emit = emit
        self._resources = resources
        self._stop: errors.Stopped | None = None
        self.progress = 0.0
        self.detail: Mapping[str, Any] = {}
        self.progressed = False
        self.seen_at = time.monotonic()

    @property
    def resources(self) -> Resources:
        """Raises RuntimeError in a run without an executor."""
        if self._resources is None:
            raise RuntimeError("this run was given no resources")
        return self._resources

    def lend(self, resources: Resources) -> None:
        """Set the resources; called by the executor before the step runs."""
        self._resources = resources

    def emit(self, part: Any) -> None:
        """Commit a Checkpoint, or a value that the step's `save` accepts. Raises LeaseLost if the job was taken away."""
        self._emit(part)
        self.progressed = True

    def got_further(self) -> None:
        """Note that this run left partial work outside the database, from which the next one continues."""
        self.progressed = True

    def report(self, progress: float, detail: Mapping[str, Any]) -> None:
        """Report the progress (0 to 1); shown within a second, and stored with the next heartbeat."""
        self.seen_at = time.monotonic()
        self.progress, self.detail = progress, detail

    def stop(self, why: errors.Stopped) -> None:
        """Tell the step to end soon; called from outside."""
        self._stop = self._stop or why

    def stopped(self) -> bool:
        return self._stop is not None

    @property
    def reason(self) -> errors.Stopped | None:
        """Return why the run is to end; None while it may continue."""
        return self._stop

    def check(self) -> None:
        """Raise Cancelled, ShuttingDown or LeaseLost if the run is to end."""
        self.seen_at = time.monotonic()
        if self._stop is not None:
            raise self._stop

    def cancelled(self) -> bool:
        """Return whether the user cancelled, for callers that expect a boolean.

        Raises if the run is to end for another reason.
        """
        self.seen_at = time.monotonic()
        if self._stop is not None and not isinstance(self._stop, errors.Cancelled):
            raise self._stop
        return self._stop is not None


class Step(ABC):
    """Declare the class attributes, and write `inputs`, `run` and `save`. One instance serves all runs: keep no state in it.

    `after`: steps that must be done first. `after_settled`: steps to wait for while they can continue; this one runs also if they
    wait, failed or were cancelled. `before`: steps that come after this one although their own file does not name it. `lanes`:
    the number of jobs of the step that run at a time in the server's process; with 0, only workers in other processes run it.
    `needs`: the resources that a worker must offer to be given the step.
    `input` is the class that `inputs` returns, `values` are the classes that `run` returns or emits besides Checkpoint: both are
    needed to run the step in another process.
    """

    name: ClassVar[str]
    after: ClassVar[tuple[str, ...]] = ()
    after_settled: ClassVar[tuple[str, ...]] = ()
    before: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CPU})
    lanes: ClassVar[int] = 1
    credentials: ClassVar[bool] = False
    input: ClassVar[type[StepInput]] = StepInput
    values: ClassVar[tuple[type, ...]] = ()

    @abstractmethod
    def inputs(self, db: Database, job: Job, *, settings: Settings, now: float) -> StepInput:
        """Read the run's input in one snapshot. `now` is Unix seconds. Raises NotFound if the episode is gone."""

    @abstractmethod
    def run(self, given: Any, ctx: StepContext) -> Any:
        """Do the work: may block for hours, uses no database, and can be run twice without harm.

        Raises OutsideCondition to wait, Transient to be retried, Permanent or UserError to fail.
        """

    @abstractmethod
    def save(self, db: Database, job: Job, value: Any, *, now: float) -> None:
        """Write a part or the result of a run. The caller holds the lease, in a transaction that also finishes the job."""

    def patient(self, db: Database, job: Job) -> bool:
        """Return whether transient failures are retried for weeks, because no user is waiting for the result."""
        return False
