"""Episodes with all columns of a list."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.domain.episodes.episode import Episode
from core.domain.episodes.reading_state import ReadingState
from core.domain.episodes.tag import Tag
from core.domain.jobs.job import Job, State
from core.domain.jobs.waits import for_better_notes, shown


@dataclass(frozen=True, slots=True)
class Listed:
    """An episode as the library shows it to a user, whose marks are `reading`. `state` is None when no work was ever ordered.

    `speech_share` (0 to 1) is the share of the speech that has words, None where that is not known."""

    episode: Episode
    jobs: tuple[Job, ...]
    feed_title: str | None
    notes_engine: str | None
    tags: tuple[Tag, ...] = ()
    feed_image_url: str | None = None
    speech_share: float | None = None
    reading: ReadingState = field(default_factory=ReadingState)

    @property
    def waiting_notes(self) -> Job | None:
        """Return the job that only waits to improve notes that can be read."""
        has_notes = self.notes_engine is not None
        return next((job for job in self.jobs if for_better_notes(job, has_notes=has_notes)), None)

    @property
    def state(self) -> State | None:
        return shown(self.jobs, has_notes=self.notes_engine is not None)


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[Listed, ...]
    next_cursor: str | None
