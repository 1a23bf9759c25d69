"""Small changes of many threads in few transactions: what comes while one is being written is written together after it.

    write(change) ─▶ a line ─▶ nobody writes? this thread does, until the line is empty ─▶ one transaction: a savepoint a change
                            └─▶ somebody does: wait for the outcome

A poll that brings nothing changes one row. Five hundred of them cost few transactions then, where each has to reach a disk.
Who calls still comes back only when its change is kept; one that raises takes back nothing of the others, and
its own events with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from core import events
from core.errors import CastMindError
from core.store.db.database import Store
from core.store.db.sqlite import Database

T = TypeVar("T")
Change = tuple[Callable[[Any], Any], "Future[Any]"]


class BatchedWrites:
    """Safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._line: list[Change] = []
        self._writing = False
        self._guard = threading.Lock()

    def write(self, change: Callable[[Any], T]) -> T:
        """As `Store.write`, with the same errors.."""
        done: Future[T] = Future()
        with self._guard:
            self._line.append((change, done))
            first = not self._writing
            self._writing = True
        if first:
            self._write_line()
        return done.result()

    def _write_line(self) -> None:
        while batch := self._next():
            for (_, done), outcome in zip(batch, self._outcomes([change for change, _ in batch]), strict=True):
                if isinstance(outcome, BaseException):
                    done.set_exception(outcome)
                else:
                    done.set_result(outcome)

    def _outcomes(self, changes: list[Callable[[Any], Any]]) -> list[Any]:
        try:
            return self._store.write(lambda db: [_apart(db, change) for change in changes])
        except BaseException as error:
            # Whatever it was, it took back all of them: each for itself, so that each hears of its own.
            return [error] if len(changes) == 1 else [self._outcomes([change])[0] for change in changes]

    def _next(self) -> list[Change]:
        with self._guard:
            batch, self._line = self._line, []
            self._writing = bool(batch)
            return batch


def _apart(db: Database, change: Callable[[Any], Any]) -> Any:
    """The change's result, or what it raised, with nothing of it kept."""
    db.execute("SAVEPOINT apart")
    try:
        with events.Recording():
            result = change(db)
    except CastMindError as error:
        db.execute("ROLLBACK TO apart")
        result = error
    db.execute("RELEASE apart")
    return result
