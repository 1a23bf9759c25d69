"""The speech worker, as the status page shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """The worker process, for the status page. `since` is Unix seconds, `rss` bytes; all None when no worker runs.

    `reason` (a Message) says why the loaded model runs where it runs (a fall-back to the CPU is told here).
    """

    running: bool
    busy: bool = False
    pid: int | None = None
    since: float | None = None
    rss: int | None = None
    model: str | None = None
    device: str | None = None
    compute_type: str | None = None
    reason: str | None = None
