"""A schedule (what happens by itself, and when) and its runs.

time comes ─▶ run: running ─▶ done │ failed │ interrupted ─▶ tried again by its rule      skipped: missed, or not allowed now
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Missed(StrEnum):
    """What becomes of times at which the computer was off: one run makes up for all of them, or none does."""

    ONCE = "once"
    SKIP = "skip"


class SchedulePriority(StrEnum):
    """Which of several that are due at the same time begins first, and the place of its episodes in the queue."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return {SchedulePriority.LOW: -10, SchedulePriority.NORMAL: 0, SchedulePriority.HIGH: 10}[self]


class RunCause(StrEnum):
    """Why a run began. `made_up`: its time was missed."""

    TIME = "time"
    MADE_UP = "made_up"
    RETRY = "retry"
    HAND = "hand"


class RunOutcome(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A row. Times are Unix seconds; `zone` is a name of the IANA database, "" for the zone of this computer.

    `builtin` is the name of a built-in one, "" for a person's own; `cron` is "" for one that follows its own clock. `last_at` is
    the planned time that was claimed last, `retry_at` when a failed run is tried again, for the `tries`-th time.
    """

    id: int
    kind: str
    name: str = ""
    builtin: str = ""
    cron: str = ""
    zone: str = ""
    paused: bool = False
    priority: SchedulePriority = SchedulePriority.NORMAL
    missed: Missed = Missed.ONCE
    retries: int = 0
    retry_seconds: float = 60.0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    next_at: float | None = None
    last_at: float | None = None
    retry_at: float | None = None
    tries: int = 0
    created_at: float = 0.0
    deleted_at: float | None = None


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """One run. `due_at` is the time for which it was planned; `error` an error's `to_dict()`; `did` what it did, as counts.

    `tries` is 0 for a first run. `task_id` is the background task that does its work, if one does. `lines` are its last lines
    in the log.
    """

    id: int
    schedule_id: int
    cause: RunCause
    outcome: RunOutcome
    due_at: float
    started_at: float
    ended_at: float | None = None
    tries: int = 0
    task_id: int | None = None
    error: Mapping[str, Any] | None = None
    did: Mapping[str, int | str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
