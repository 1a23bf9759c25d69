"""What can happen. A new kind is a frozen dataclass here, and a row of the table in docs/architecture/events.md.

Kinds say past tense: the row is there, the file is written. What a listener needs beyond the ids, it reads.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. All fields are JSON values. `at`: seconds since 1970 when it was recorded."""

    kind: ClassVar[str] = ""
    at: float = field(default_factory=time.time, compare=False)

    def to_json(self) -> dict[str, Any]:
        """`kind`, `at` and the fields of the kind, as a listener outside of this process gets them."""
        return {"kind": self.kind, **asdict(self)}


# --- the library ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeAdded(Event):
    """`source` is a value of `core.domain.episodes.episode.Source`."""

    kind: ClassVar[str] = "episode.added"
    episode_id: int
    source: str
    feed_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeTrashed(Event):
    """Its unfinished jobs were cancelled with it."""

    kind: ClassVar[str] = "episode.trashed"
    episode_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeRestored(Event):
    """Taken out of the trash."""

    kind: ClassVar[str] = "episode.restored"
    episode_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeDeleted(Event):
    """Deleted for good, with all that was known of it."""

    kind: ClassVar[str] = "episode.deleted"
    episode_id: int


# --- feeds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAdded(Event):
    """Subscribed, subscribed again, or a folder of own files."""

    kind: ClassVar[str] = "feed.added"
    feed_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRemoved(Event):
    kind: ClassVar[str] = "feed.removed"
    feed_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPolled(Event):
    """`new`, `queued` and `changed` count episodes. `error` is the code of what went wrong, None when the publisher answered."""

    kind: ClassVar[str] = "feed.polled"
    feed_id: int
    new: int = 0
    queued: int = 0
    changed: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFinished(Event):
    """Every line of it has its outcome. Not told of one that was cancelled."""

    kind: ClassVar[str] = "import.finished"
    import_id: int


# --- the queue ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsQueued(Event):
    """There may be jobs to claim. Also where a job that runs was queued anew: its run has lost the lease."""

    kind: ClassVar[str] = "jobs.queued"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePaused(Event):
    kind: ClassVar[str] = "queue.paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueResumed(Event):
    kind: ClassVar[str] = "queue.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent(Event):
    """Of one step of one episode. `step` is its name: fetch, transcribe, …"""

    job_id: int
    episode_id: int
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(StepEvent):
    kind: ClassVar[str] = "step.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished(StepEvent):
    """Its result is in the library."""

    kind: ClassVar[str] = "step.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(StepEvent):
    """It is not tried again by itself. `code` and `detail` are those of the error; `detail` is English text."""

    kind: ClassVar[str] = "step.failed"
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWaiting(StepEvent):
    """It is tried again at `until` (seconds since 1970), or as soon as the condition named by `code` is over."""

    kind: ClassVar[str] = "step.waiting"
    code: str
    detail: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRequeued(StepEvent):
    """It stopped without an outcome (a try that failed, a pause, the end of the server) and is queued again."""

    kind: ClassVar[str] = "step.requeued"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(StepEvent):
    """Its run is to stop; StepCancelled follows."""

    kind: ClassVar[str] = "step.cancel_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCancelled(StepEvent):
    kind: ClassVar[str] = "step.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Event):
    """Of one task in the background. `task` is the name of its kind: bulk, export, …"""

    task_id: int
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted(TaskEvent):
    """Also told when it goes on after a restart."""

    kind: ClassVar[str] = "task.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFinished(TaskEvent):
    """All of it is done."""

    kind: ClassVar[str] = "task.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailed(TaskEvent):
    """What was done of it stays done. `code` and `detail` are those of the error; `detail` is English text."""

    kind: ClassVar[str] = "task.failed"
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelled(TaskEvent):
    """A person ended it; what was done of it stays done."""

    kind: ClassVar[str] = "task.cancelled"


# --- the computer ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChanged(Event):
    """Saved or reset, and in force. The value is not told: it may be private."""

    kind: ClassVar[str] = "setting.changed"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade(Event):
    """`backup` is its file name; `reason` is manual, nightly, migration or restore-point."""

    kind: ClassVar[str] = "backup.made"
    backup: str
    reason: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPulled(Event):
    """Ollama has a language model that it did not have."""

    kind: ClassVar[str] = "model.pulled"
    model: str
