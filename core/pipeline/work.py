"""What a running stage is given, and how it speaks to the runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core import errors
from core.domain.access import Access
from core.domain.episode import Episode
from core.domain.hearing_again import HearAgain
from core.domain.job import Job
from core.domain.note import Notes
from core.domain.supplied import Offer, SuppliedTranscript
from core.domain.transcript import Transcript
from core.export.material import Material
from core.pipeline.results import Part, Result
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Given:
    """What the stages before left, as it was when the job was claimed.

    `material` is there for what is published, `offers` (those of the feed that were not tried yet) and `access`
    (the feed's credentials) for what is fetched.
    `again` are the spans that are to be heard again, with the transcript that they belong to, instead of all.
    `published` is the publisher's transcript where it is to be used if it fits. `checkpoints` are those of earlier runs, by key.
    `coming` is the audio of the episode that this stage will most likely be asked for next, relative to the data folder.
    """

    job: Job
    episode: Episode
    settings: Settings
    transcript: Transcript | None = None
    notes: Notes | None = None
    material: Material | None = None
    offers: tuple[Offer, ...] = ()
    access: Access | None = None
    published: SuppliedTranscript | None = None
    again: tuple[HearAgain, ...] = ()
    checkpoints: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    coming: str | None = None


class Work:
    """One run of one job, as its stage sees it. `emit` commits a part at once; `check` ends a run that is not wanted."""

    def __init__(self, emit: Callable[[Part], None]) -> None:
        self._emit = emit
        self._stop: errors.Stopped | None = None
        self.progress = 0.0
        self.detail: Mapping[str, Any] = {}
        self.progressed = False

    def emit(self, part: Part) -> None:
        """Raises LeaseLost when the job was taken away."""
        self._emit(part)
        self.progressed = True

    def got_further(self) -> None:
        """Says that what this run has done so far is kept outside the database: a run that fails now was not in vain."""
        self.progressed = True

    def report(self, progress: float, detail: Mapping[str, Any]) -> None:
        """Says how far the work is (0 to 1); shown within a second, and kept with the next heartbeat."""
        self.progress, self.detail = progress, detail

    def stop(self, why: errors.Stopped) -> None:
        """Called from outside: the stage is to end soon."""
        self._stop = self._stop or why

    def stopped(self) -> bool:
        return self._stop is not None

    def check(self) -> None:
        """Raises Cancelled, ShuttingDown or LeaseLost when the run is to end."""
        if self._stop is not None:
            raise self._stop

    def cancelled(self) -> bool:
        """For the rooms that ask with a yes or no; raises when the reason is another than the user's wish."""
        if self._stop is not None and not isinstance(self._stop, errors.Cancelled):
            raise self._stop
        return self._stop is not None


class StageRun(Protocol):
    """Does a stage's work: blocks, may take hours, can be run twice without harm."""

    def __call__(self, given: Given, work: Work) -> Result: ...
