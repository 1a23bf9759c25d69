"""The state of a long operation of which one runs at a time, for pages, routes and the command line.

    begin ─▶ change (phase, bytes) … ─▶ carry_out ends: done │ failed, with its error kept

`TaskState` holds the common fields; backups and restores add their own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Generic, TypeVar

from core.errors import CastMindError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """The running operation, or the last.

    `done` and `total` are bytes; `finished_at` is None while it runs, and so is `error`.
    """

    phase: str
    done: int = 0
    total: int = 0
    error: CastMindError | None = None
    finished_at: float | None = None

    @property
    def running(self) -> bool:
        return self.finished_at is None

    def to_dict(self) -> dict[str, Any]:
        """Return the state for JSON."""
        return asdict(self) | {"running": self.running, "error": self.error.to_dict() if self.error else None}


State = TypeVar("State", bound=TaskState)
Result = TypeVar("Result")


class SingleTask(Generic[State]):
    """Holds the state. Thread-safe."""

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self._name = name
        self._clock = clock
        self._guard = threading.Lock()
        self._state: State | None = None
        self._cancelled = threading.Event()

    def state(self) -> State | None:
        with self._guard:
            return self._state

    def begin(self, state: State, busy: Callable[[State], Exception]) -> None:
        """Set the state of a new operation. Raises `busy(state)` if one runs."""
        with self._guard:
            if self._state and self._state.running:
                raise busy(self._state)
            # Cleared before anybody can see the new state and cancel it.
            self._cancelled.clear()
            self._state = state

    def cancel(self) -> None:
        """Request the end of the running operation, if any."""
        self._cancelled.set()

    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def change(self, **changes: object) -> None:
        with self._guard:
            if self._state:
                self._state = replace(self._state, **changes)  # type: ignore[arg-type]

    def carry_out(
        self,
        work: Callable[[], Result],
        *,
        told: Callable[[BaseException], CastMindError],
        outcome: Callable[[Result], dict[str, object]],
    ) -> Result:
        """Run `work` in this thread.

        `told` converts any exception to an error for users, which is kept and raised; `outcome` returns the state's fields for
        the result.
        """
        try:
            result = work()
        except BaseException as error:
            kept = told(error)
            self.change(error=kept, finished_at=self._clock())
            if kept is error or not isinstance(error, Exception):
                raise
            raise kept from error
        self.change(**outcome(result), finished_at=self._clock())
        return result

    def in_thread(self, run: Callable[[], object]) -> None:
        """Run `run`, which ends in `carry_out`, in a thread of its own; the state holds its errors."""

        def guarded() -> None:
            try:
                run()
            except CastMindError as error:
                log.warning("%s failed: %s", self._name, error.detail)

        threading.Thread(target=guarded, name=self._name, daemon=True).start()
