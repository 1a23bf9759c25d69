"""The last lines that a run of a schedule wrote to the log, for its history.

    with collecting(run_id): …  ─▶ log records of this thread ─▶ RunLines, a handler ─▶ take(run_id)

The id also stands on each record as `run_id`.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

KEPT = 20
LONGEST = 400
# Runs whose lines are kept at the same time: one that is never asked for must not stay for ever.
MOST_RUNS = 100

_current: ContextVar[int | None] = ContextVar("schedule_run", default=None)


@contextmanager
def collecting(run_id: int | None) -> Iterator[None]:
    """Let the log lines of this thread count as those of the run; None: of no run."""
    token = _current.set(run_id)
    try:
        yield
    finally:
        _current.reset(token)


class RunLines(logging.Handler):
    """Keeps the last lines of each run. `redact` takes secrets out of a line."""

    def __init__(self, redact: Callable[[str], str] = str) -> None:
        super().__init__(logging.INFO)
        self._redact = redact
        self._lines: dict[int, deque[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        run_id = _current.get()
        if run_id is None:
            return
        record.run_id = run_id
        if run_id not in self._lines and len(self._lines) >= MOST_RUNS:
            self._lines.pop(next(iter(self._lines)))
        when = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = f"{when} {record.levelname} {self._redact(record.getMessage())}"
        self._lines.setdefault(run_id, deque(maxlen=KEPT)).append(line[:LONGEST])

    def take(self, run_id: int) -> list[str]:
        """Return the lines of a run, and forget them."""
        return list(self._lines.pop(run_id, ()))
