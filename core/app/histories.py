"""What the history of the status page samples each minute: a name, and the number now or None."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from core.domain.jobs.job import OPEN
from core.store.jobs import queue_views
from core.store.library import transcription_runs

if TYPE_CHECKING:
    from core.app import CastMind

MINUTE = 60.0


def _queue(app: CastMind) -> float:
    return float(sum(n for (_, state), n in queue_views.open_by_stage(app._store.read()).items() if state in OPEN))


def _speed(app: CastMind, now: float) -> float | None:
    """Return the real-time factor of a transcription that has just ended."""
    runs = transcription_runs.newest(app._store.read(), limit=1)
    return runs[0].factor if runs and runs[0].finished_at > now - MINUTE else None


class _Failures:
    """What failed since the last sample, as a number an hour."""

    def __init__(self, app: CastMind) -> None:
        self._app = app
        self._before = 0.0

    def __call__(self) -> float:
        before, self._before = self._before, self._app.metrics.failures()
        return (self._before - before) * 3600.0 / MINUTE


def sources_of(app: CastMind) -> Mapping[str, Callable[[], float | None]]:
    return {
        "queue": lambda: _queue(app),
        "speed": lambda: _speed(app, time.time()),
        "errors": _Failures(app),
        "disk": lambda: float(shutil.disk_usage(app.data).free),
    }
