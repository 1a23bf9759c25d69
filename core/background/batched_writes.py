"""Batch small changes of many threads into few transactions: changes that arrive during one are written in the next.

    write(change) ─▶ queue ─▶ no writer yet? this thread writes until the queue is empty ─▶ one transaction, a savepoint a change
                          └─▶ another thread writes: wait for the outcome

A poll without news changes one row. Five hundred such polls then cost few transactions, each of which has to reach the disk.
`write` still returns only once its change is committed. A change that raises is rolled back with its events, and leaves the
others as they are.
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
    """A thread-safe writer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._line: list[Change] = []
        self._writing = False
        self._guard = threading.Lock()

    def write(self, change: Callable[[Any], T]) -> T:
        """Run `change` in a transaction and return its result, like `Store.write`, with the same errors."""
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
            # The error rolled back the whole batch: write each change alone, so that each caller gets its own error.
            return [error] if len(changes) == 1 else [self._outcomes([change])[0] for change in changes]

    def _next(self) -> list[Change]:
        with self._guard:
            batch, self._line = self._line, []
            self._writing = bool(batch)
            return batch


def _apart(db: Database, change: Callable[[Any], Any]) -> Any:
    """Return the change's result, or the CastMindError that it raised, with the change rolled back."""
    db.execute("SAVEPOINT apart")
    try:
        with events.Recording():
            result = change(db)
    except CastMindError as error:
        db.execute("ROLLBACK TO apart")
        result = error
    db.execute("RELEASE apart")
    return result
