"""What takes long for many episodes (`castmind.bulk`): done in the background by batches, told about, ended when asked.

    start(name, ids, do) ─▶ a thread: batch ─▶ batch ─▶ … ─▶ close ─▶ Run: done │ stopped │ failed
                                    └─ cancel, or the server stops: what is done stays done

Runs are not kept through a restart: what they did is in the tables, and what they had yet to do is asked for again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from typing import Any

from core.errors import CastMindError, NotFound
from core.services.library.trash import batches

log = logging.getLogger(__name__)

BATCH = 100
# Ended runs are told about for so long.
KEPT_SECONDS = 24 * 3600.0

Do = Callable[[Sequence[int]], int]
Close = Callable[[bool], str | None]


def nothing(_whole: bool) -> None:
    """What most runs have to close and to give."""


class ActionOutcome(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ActionRun:
    """`done` of `total` episodes were gone through, `changed` of them were changed. `result` names what was made, if anything."""

    number: int
    name: str
    total: int
    done: int = 0
    changed: int = 0
    outcome: ActionOutcome = ActionOutcome.RUNNING
    ended_at: float = 0.0
    result: str | None = None
    error: Mapping[str, Any] | None = None

    @property
    def running(self) -> bool:
        return self.outcome is ActionOutcome.RUNNING


class BackgroundActions:
    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._numbers = count(1)
        self._runs: dict[int, ActionRun] = {}
        self._cancelled: set[int] = set()
        self._threads: dict[int, threading.Thread] = {}

    def start(self, name: str, ids: Sequence[int], do: Do, *, batch: int = BATCH, close: Close = nothing) -> ActionRun:
        """`do` is given a batch of ids and says how many it changed. `close` is called at the end, with whether all was done, and
        gives the run's result."""
        chosen = list(dict.fromkeys(ids))
        with self._guard:
            run = ActionRun(next(self._numbers), name, len(chosen))
            self._runs[run.number] = run
            thread = threading.Thread(
                target=self._work, args=(run.number, chosen, do, batch, close), name=f"bulk-{name}", daemon=True
            )
            self._threads[run.number] = thread
        thread.start()
        return run

    def runs(self) -> list[ActionRun]:
        """Those that run, and those that ended within the last day; the oldest first."""
        with self._guard:
            old = [n for n, run in self._runs.items() if not run.running and run.ended_at < self._clock() - KEPT_SECONDS]
            for number in old:
                del self._runs[number]
            return list(self._runs.values())

    def run(self, number: int) -> ActionRun:
        """Raises NotFound."""
        with self._guard:
            run = self._runs.get(number)
        if run is None:
            raise NotFound(f"There is no run {number} (any more).", id=number)
        return run

    def cancel(self, number: int) -> None:
        """Ends a run after its batch; one that has ended is forgotten."""
        with self._guard:
            run = self._runs.get(number)
            if run is None or run.running:
                self._cancelled.add(number)
            else:
                del self._runs[number]

    def wait(self, number: int) -> ActionRun:
        """Until it has ended."""
        with self._guard:
            thread = self._threads.get(number)
        if thread:
            thread.join()
        return self.run(number)

    def stop(self) -> None:
        """Ends all runs after their batches, and waits for that."""
        with self._guard:
            self._cancelled.update(self._threads)
            threads = list(self._threads.values())
        for thread in threads:
            thread.join()

    def _work(self, number: int, ids: Sequence[int], do: Do, batch: int, close: Close) -> None:
        outcome, error = ActionOutcome.FAILED, None
        try:
            outcome = self._batches(number, ids, do, batch)
        except CastMindError as told:
            error = told.to_dict()
        except Exception:
            log.exception("a long action failed; what is done stays done")
            error = CastMindError("It did not work. What is done stays done; the log says why.").to_dict()
        self._end(number, outcome, error, close)

    def _batches(self, number: int, ids: Sequence[int], do: Do, batch: int) -> ActionOutcome:
        for some in batches(ids, batch):
            if number in self._cancelled:
                return ActionOutcome.STOPPED
            changed = do(some)
            with self._guard:
                run = self._runs[number]
                self._runs[number] = replace(run, done=run.done + len(some), changed=run.changed + changed)
        return ActionOutcome.DONE

    def _end(self, number: int, outcome: ActionOutcome, error: Mapping[str, Any] | None, close: Close) -> None:
        result = None
        try:
            result = close(outcome is ActionOutcome.DONE)
        except CastMindError as told:
            outcome, error = ActionOutcome.FAILED, told.to_dict()
        with self._guard:
            self._runs[number] = replace(self._runs[number], outcome=outcome, error=error, result=result, ended_at=self._clock())
            self._threads.pop(number, None)
            self._cancelled.discard(number)
