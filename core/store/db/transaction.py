"""A change in a transaction of its own, beginning to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
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
"""How many seconds who asks in this context waits for a lock that another program holds. None: work in the background, which
waits its turn, and `LOCK_SECONDS` for a lock."""

Work = tuple[Callable[[Database], Any], "Future[Any]"]


class GivenUp(Exception):
    """Who asked for the change waits no longer."""


def answer_of(done: Future[T]) -> T:
    """Waits for a change to begin as long as this context has patience, and for its end however long it takes."""
    try:
        return done.result(patience.get())
    except TimeoutError as error:
        # It can only be called off before its transaction has begun; after that its end is near, and true.
        if done.cancel():
            raise DatabaseBusy() from error
    return done.result()


def touch(db: Database) -> None:
    """Writes the first page: a number that nobody reads."""
    (number,) = db.execute("PRAGMA user_version").fetchone()
    db.execute(f"PRAGMA user_version = {(number + 1) % (1 << 30)}")


def grow(db: Database) -> None:
    """Takes pages as a large change would, and gives them back."""
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
    """The change, and with it what the search index makes of it: both or neither. From its beginning `done` cannot be called off."""
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


def wait_for_locks(connection: Any, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
