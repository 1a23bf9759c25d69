"""Run a change in its own transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from core import events
from core.errors import DatabaseBusy
from core.store.db.changes import Commits
from core.store.db.file_watch import ROOM, FileWatch
from core.store.db.sqlite import Database
from core.store.search import index

T = TypeVar("T")


patience: ContextVar[float | None] = ContextVar("patience", default=None)
"""How many seconds callers in this context wait for a lock that another program holds.

None: background work, which waits its turn,
and `LOCK_SECONDS` for a lock.
"""


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Limit waits for locks, in this context and the threads that work for it, until the end of the block."""
    token = patience.set(seconds)
    try:
        yield
    finally:
        patience.reset(token)


Work = tuple[Callable[[Database], Any], "Future[Any]"]


class GivenUp(Exception):
    """The caller stopped waiting for the change."""


def answer_of(done: Future[T]) -> T:
    """Wait for a change to begin, as long as this context's patience, and then for its end, however long it takes."""
    try:
        return done.result(patience.get())
    except TimeoutError as error:
        # A change can only be cancelled before its transaction begins; after that, wait for its true outcome.
        if done.cancel():
            raise DatabaseBusy() from error
    return done.result()


def touch(db: Database) -> None:
    """Write the first page: a number that nobody reads."""
    (number,) = db.execute("PRAGMA user_version").fetchone()
    db.execute(f"PRAGMA user_version = {(number + 1) % (1 << 30)}")


def grow(db: Database) -> None:
    """Allocate pages as a large change would, and free them again."""
    db.execute("CREATE TABLE room (filler BLOB)")
    db.execute("INSERT INTO room VALUES (zeroblob(?))", [ROOM])
    raise GivenUp


def run_in_transaction(db: Database, standing: FileWatch, commits: Commits, bus: events.Bus, work: Work) -> None:
    change, done = work
    try:
        standing.check()
        standing.waiting_since = time.time()
        with events.Recording() as recorded:
            result = in_transaction(db, change, commits, done, begun=standing.begun)
    except GivenUp as error:
        standing.begun()
        if done.running():
            done.set_exception(error)
        return
    except BaseException as error:
        standing.begun()
        said = standing.failed(error)
        if done.running() or done.set_running_or_notify_cancel():
            done.set_exception(said)
    else:
        standing.arrived()
        bus.publish_all(recorded)
        done.set_result(result)


def in_transaction(
    db: Database,
    change: Callable[[Database], T],
    commits: Commits,
    done: Future[T] | None = None,
    *,
    begun: Callable[[], None] = lambda: None,
) -> T:
    """Run the change and the update of the search index in one transaction. Once it has begun, `done` cannot be cancelled."""
    if done and done.cancelled():
        raise GivenUp
    commits.prepare()
    db.execute("BEGIN IMMEDIATE")
    begun()
    try:
        commits.begun()
        if done and not done.set_running_or_notify_cancel():
            raise GivenUp
        result = change(db)
        index.settle(db)
        with commits.committing():
            db.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.execute("ROLLBACK")
        raise
    return result
