"""Long work in the background, as a row: its kind, its progress, its end.

queued ─▶ running ─▶ done │ failed │ cancelled
  ▲          └─ the server ended ─▶ queued again, with its checkpoint; or failed, where its kind cannot resume
  └─ waits while another one of its kind, or of its key, runs
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.jobs.job import State

FINISHED = (State.DONE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Task:
    """`what` is the present part of the work (a word of its kind); `done` of `total` items or bytes of it are finished.

    `key` names the object of the work, if tasks of its kind exclude each other there. `detail` holds further values of the kind,
    `error` an error's `to_dict()`. Times are Unix seconds; `started_at` is that of the last start.
    """

    id: int
    kind: str
    key: str = ""
    what: str = ""
    state: State = State.QUEUED
    done: int = 0
    total: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    cancel_requested: bool = False
    created_at: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None

    @property
    def finished(self) -> bool:
        return self.state in FINISHED
