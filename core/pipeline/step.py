"""The contract of a step of the pipeline. A step is one file in `steps/` and one line in the table of `graph.py`.

    claim ─▶ inputs(db, job) ─▶ StepInput ══▶ run(given, ctx) ══▶ parts, result ─▶ save(db, job, value)
             in a snapshot            in an executor, without a database            in the transaction that holds the lease

What crosses `══` is plain values that serialise (`values.py`). Media go by reference: a path under the data folder. Credentials
are added to the input by the runner, and only for a step that declares them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core import errors
from core.domain.episodes.episode import Episode
from core.domain.feeds.feed_credentials import Access
from core.domain.jobs.job import Job
from core.net.web import Fetcher
from core.settings import Settings
from core.speech.client.client import SpeechClient
from core.store.db.sqlite import Database

if TYPE_CHECKING:
    from core.notes.language_model import LanguageModel
    from core.pipeline.gpu import GpuLease


class Need(StrEnum):
    """A resource that a step uses most: it tells an executor where the step can run."""

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
    """The values that every step is given, as they were when the job was claimed; a step adds fields in a subclass.

    The runner fills in `checkpoints`, those of earlier runs by key, and `credentials`, those of the episode's feed; the latter
    stay None unless the step declares `credentials`.
    """

    job: Job
    episode: Episode
    checkpoints: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    credentials: Access | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """What an executor lends to the steps that it runs. `data` is the data folder, to which paths in inputs are relative."""

    data: Path
    speech: SpeechClient
    language_model: LanguageModel
    gpu: GpuLease
    fetcher: Fetcher


class StepContext:
    """One run of one job, as its step sees it. `emit` commits a part at once; `check` ends a run that is not wanted."""

    def __init__(self, emit: Callable[[Any], None], resources: Resources | None = None) -> None:
        self._emit = emit
        self._resources = resources
        self._stop: errors.Stopped | None = None
        self.progress = 0.0
        self.detail: Mapping[str, Any] = {}
        self.progressed = False

    @property
    def resources(self) -> Resources:
        """Raises RuntimeError in a run without an executor."""
        if self._resources is None:
            raise RuntimeError("this run was given no resources")
        return self._resources

    def lend(self, resources: Resources) -> None:
        """Called by the executor before the step runs."""
        self._resources = resources

    def emit(self, part: Any) -> None:
        """Commits a Checkpoint, or a value that the step's `save` takes. Raises LeaseLost when the job was taken away."""
        self._emit(part)
        self.progressed = True

    def got_further(self) -> None:
        """Says that this run left work outside the database that the next one goes on from: it was not in vain."""
        self.progressed = True

    def report(self, progress: float, detail: Mapping[str, Any]) -> None:
        """Says how far the work is (0 to 1); shown within a second, and kept with the next heartbeat."""
        self.progress, self.detail = progress, detail

    def stop(self, why: errors.Stopped) -> None:
        """Called from outside: the step is to end soon."""
        self._stop = self._stop or why

    def stopped(self) -> bool:
        return self._stop is not None

    @property
    def reason(self) -> errors.Stopped | None:
        """Why the run is to end; None while it may go on."""
        return self._stop

    def check(self) -> None:
        """Raises Cancelled, ShuttingDown or LeaseLost when the run is to end."""
        if self._stop is not None:
            raise self._stop

    def cancelled(self) -> bool:
        """For callers that ask with a yes or no; raises when the reason is another than the user's wish."""
        if self._stop is not None and not isinstance(self._stop, errors.Cancelled):
            raise self._stop
        return self._stop is not None


class Step(ABC):
    """Declare the class attributes, and write `inputs`, `run` and `save`. One instance serves all runs: keep no state in it.

    `after`: steps that must be done first. `after_settled`: steps that are waited for while they can go on; this one runs also
    when they wait, failed or were cancelled. `before`: steps that come after this one although their own file does not name it.
    `lanes`: how many jobs of the step run at a time in the server's process; with none, workers in other processes run it.
    `input` is the class that `inputs` gives, `values` are the classes that `run` gives or emits besides Checkpoint: both are
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
        """Reads what the run needs, in one snapshot. `now` is Unix seconds. Raises NotFound when the episode is gone."""

    @abstractmethod
    def run(self, given: Any, ctx: StepContext) -> Any:
        """Does the work: blocks, may take hours, touches no database, can be run twice without harm.

        Raises OutsideCondition to wait, Transient to be tried again, Permanent or UserError to fail.
        """

    @abstractmethod
    def save(self, db: Database, job: Job, value: Any, *, now: float) -> None:
        """Writes a part or the result of a run. The caller holds the lease, in a transaction that also finishes the job."""

    def patient(self, db: Database, job: Job) -> bool:
        """Whether failures that may pass are tried again for weeks, because nobody waits before the screen."""
        return False
