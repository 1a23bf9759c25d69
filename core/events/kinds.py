"""The kinds of events. A new kind is a frozen dataclass here, and a row of the table in docs/architecture/events.md.

Names are in the past tense: the row is committed, the file is written. A listener reads everything beyond the ids itself.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact. All fields are JSON values. `at`: when it was recorded, in Unix seconds."""

    kind: ClassVar[str] = ""
    at: float = field(default_factory=time.time, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return `kind`, `at` and the fields of the kind, as listeners outside this process receive them."""
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
    """The unfinished jobs of the episode were cancelled with it."""

    kind: ClassVar[str] = "episode.trashed"
    episode_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeRestored(Event):
    """The episode was taken out of the trash."""

    kind: ClassVar[str] = "episode.restored"
    episode_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeDeleted(Event):
    """The episode was deleted permanently, with all of its data."""

    kind: ClassVar[str] = "episode.deleted"
    episode_id: int


# --- feeds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAdded(Event):
    """A feed was subscribed to (also again), or is a folder of the user's own files."""

    kind: ClassVar[str] = "feed.added"
    feed_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRemoved(Event):
    kind: ClassVar[str] = "feed.removed"
    feed_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPolled(Event):
    """`new`, `queued` and `changed` count episodes. `error` is the error code, None if the publisher answered."""

    kind: ClassVar[str] = "feed.polled"
    feed_id: int
    new: int = 0
    queued: int = 0
    changed: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFinished(Event):
    """Each line of the import has its outcome. Not published for a cancelled import."""

    kind: ClassVar[str] = "import.finished"
    import_id: int


# --- the queue ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsQueued(Event):
    """There may be jobs to claim. Also published if a running job was queued again: its run has lost the lease."""

    kind: ClassVar[str] = "jobs.queued"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePaused(Event):
    kind: ClassVar[str] = "queue.paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueResumed(Event):
    kind: ClassVar[str] = "queue.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent(Event):
    """About one step of one episode. `step` is its name: fetch, transcribe, …"""

    job_id: int
    episode_id: int
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(StepEvent):
    kind: ClassVar[str] = "step.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished(StepEvent):
    """The step's result is in the library."""

    kind: ClassVar[str] = "step.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(StepEvent):
    """The step is not retried automatically. `code` and `detail` are those of the error; `detail` is English text."""

    kind: ClassVar[str] = "step.failed"
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWaiting(StepEvent):
    """The step is retried at `until` (Unix seconds), or as soon as the condition named by `code` is over."""

    kind: ClassVar[str] = "step.waiting"
    code: str
    detail: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRequeued(StepEvent):
    """The step stopped without an outcome (a failed try, a pause, the server's shutdown) and is queued again."""

    kind: ClassVar[str] = "step.requeued"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(StepEvent):
    """The step's run is to stop; StepCancelled follows."""

    kind: ClassVar[str] = "step.cancel_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCancelled(StepEvent):
    kind: ClassVar[str] = "step.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Event):
    """About one background task. `task` is the name of its kind: bulk, export, …"""

    task_id: int
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted(TaskEvent):
    """Also published when the task resumes after a restart."""

    kind: ClassVar[str] = "task.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFinished(TaskEvent):
    """The whole task is done."""

    kind: ClassVar[str] = "task.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailed(TaskEvent):
    """Finished parts of the task are kept. `code` and `detail` are those of the error; `detail` is English text."""

    kind: ClassVar[str] = "task.failed"
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelled(TaskEvent):
    """A user cancelled the task; finished parts are kept."""

    kind: ClassVar[str] = "task.cancelled"


# --- the computer ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChanged(Event):
    """A setting was saved or reset, and applies now. The event leaves the value out: it may be private."""

    kind: ClassVar[str] = "setting.changed"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade(Event):
    """`backup` is the file name; `reason` is manual, nightly, migration or restore-point."""

    kind: ClassVar[str] = "backup.made"
    backup: str
    reason: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRestarted(Event):
    """A part was found dead or stuck and was started again; `count` is how often since the server started."""

    kind: ClassVar[str] = "part.restarted"
    part: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked(Event):
    """A question to the language model is over. `error` is the error's code, None for an answer; tokens are 0 if untold."""

    kind: ClassVar[str] = "model.asked"
    seconds: float
    prompt_tokens: int = 0
    answer_tokens: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPulled(Event):
    """Ollama has downloaded a new language model."""

    kind: ClassVar[str] = "model.pulled"
    model: str


# --- accounts -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """A user signed in. `address` is the browser's, also behind a trusted proxy; `browser` names it and its system, or is ""."""

    kind: ClassVar[str] = "user.signed_in"
    user_id: int
    address: str
    browser: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(Event):
    """Sessions were revoked, or their user may do less now: open pages of theirs are closed. Empty: those of everybody."""

    kind: ClassVar[str] = "user.sessions_ended"
    sessions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited(Event):
    """Somebody did something that the audit log keeps."""

    kind: ClassVar[str] = "user.audited"
    user_id: int | None
    user_name: str
    how: str
    action: str
    subject: str
    outcome: str
    address: str
