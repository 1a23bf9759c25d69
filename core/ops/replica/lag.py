"""How far the replica is behind: for how long not everything has been known to be there.

Litestream.ask ─▶ last copied, last arrived: the earlier one ─▶ its age     away, failing, at work ─▶ the last known one ages on
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from core.ops.replica.litestream import LitestreamAway, SyncState


@dataclass(frozen=True, slots=True)
class Lag:
    """`error`: why Litestream does not replicate; "" if it does."""

    seconds: float
    error: str = ""


class ReplicaLag:
    """Asks Litestream by `ask`. `began` (Unix seconds) counts until Litestream has told of a first success. Thread-safe."""

    def __init__(self, ask: Callable[[], SyncState], began: float) -> None:
        self._ask = ask
        self._guard = threading.Lock()
        self._copied = self._arrived = began

    def look(self, now: float) -> Lag:
        """Return the lag. Never raises."""
        try:
            state = self._ask()
        except LitestreamAway as error:
            return self._lag(now, str(error))
        with self._guard:
            self._copied = max(self._copied, state.copied_at or 0.0)
            self._arrived = max(self._arrived, state.arrived_at or 0.0)
        return self._lag(now, state.error)

    def _lag(self, now: float, error: str) -> Lag:
        with self._guard:
            return Lag(max(now - min(self._copied, self._arrived), 0.0), error)
