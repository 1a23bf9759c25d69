"""Start parts again whose threads died, find stuck jobs, and notice a clock that jumped: one thread beside all the others.

each two seconds: step(now) ─┬─ a part has dead threads ─▶ may it be restarted? (Backoff) ─▶ revive ─▶ count, log, event
                             ├─ a job that gave no sign of life ─▶ put back ─▶ count, log, event
                             └─ wall clock against monotonic clock ─▶ a jump is counted and logged
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core import events
from core.ops.healing.backoff import Backoff

log = logging.getLogger(__name__)

STEP_SECONDS = 2.0
# Clocks are set by less than this all the time.
JUMP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Mended:
    """A part to look after. `ill` says whether something is to be mended; `mend` mends it and returns what, for the log."""

    name: str
    ill: Callable[[], bool]
    mend: Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class ClockJump:
    """`seconds` by which the clock was set; `at`: Unix seconds by the new time."""

    seconds: float
    at: float


class Supervisor:
    """`start()` runs the thread; a test calls `step(now, wall)`. Thread-safe."""

    def __init__(self, parts: Sequence[Mended], *, publish: events.Publish = events.nobody) -> None:
        self._parts = tuple(parts)
        self._publish = publish
        self._backoffs = {part.name: Backoff() for part in parts}
        self._offset: float | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self.jumps = 0
        self.last_jump: ClockJump | None = None

    def start(self) -> None:
        """Start the thread; also after a stop."""
        self._stopping = stopping = threading.Event()
        self._offset = None
        self._thread = threading.Thread(target=self._loop, args=(stopping,), name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, so that parts that are stopped next are not taken for dead."""
        self._stopping.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(STEP_SECONDS)

    def counts(self) -> Mapping[str, int]:
        """Return how often each part was mended."""
        return {name: backoff.count for name, backoff in self._backoffs.items()}

    def step(self, now: float, wall: float) -> None:
        """Look once. `now` is monotonic, `wall` Unix seconds."""
        self._watch_clock(now, wall)
        for part in self._parts:
            try:
                self._look(part, now)
            except Exception:
                log.exception("%s could not be mended; it is tried again", part.name)

    def _look(self, part: Mended, now: float) -> None:
        backoff = self._backoffs[part.name]
        if not part.ill() or backoff.wait(now) > 0:
            return
        backoff.note(now)
        for what in part.mend():
            log.error("%s: %s was found dead or stuck, and was started again (restart %d)", part.name, what, backoff.count)
        self._publish(events.PartRestarted(part=part.name, count=backoff.count))

    def _watch_clock(self, now: float, wall: float) -> None:
        offset, before = wall - now, self._offset
        self._offset = offset
        if before is not None and abs(offset - before) > JUMP_SECONDS:
            self.jumps += 1
            self.last_jump = ClockJump(offset - before, wall)
            log.warning("the clock of this computer was set by %.0f s; schedules go on by the new time", offset - before)

    def _loop(self, stopping: threading.Event) -> None:
        while not stopping.wait(STEP_SECONDS):
            self.step(time.monotonic(), time.time())
