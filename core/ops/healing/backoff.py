"""When a part that died may be started again: at once, then ever later, and at once again after it was well for a while."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_SECONDS = 2.0
MOST_SECONDS = 300.0
# After so long without a restart, a part is well.
WELL_SECONDS = 600.0


@dataclass(slots=True)
class Backoff:
    """The restarts of one part. `now` is monotonic, in seconds; `count` is all restarts so far."""

    count: int = 0
    _streak: int = 0
    _last: float | None = None

    def wait(self, now: float) -> float:
        """Return the seconds until it may be restarted; 0 means now."""
        if self._last is None or now - self._last >= WELL_SECONDS:
            return 0.0
        pause = min(FIRST_SECONDS * 2.0 ** (self._streak - 1), MOST_SECONDS)
        return max(self._last + pause - now, 0.0)

    def note(self, now: float) -> None:
        """Note a restart."""
        well = self._last is None or now - self._last >= WELL_SECONDS
        self._streak = 1 if well else self._streak + 1
        self.count += 1
        self._last = now
