"""Events of the transaction that runs: kept until it is committed, dropped when it is rolled back.

Store.write ─▶ recording() ─▶ record(event) …      the writer has one thread, so its thread is the transaction
a savepoint ─▶ recording() within it
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.events.kinds import Event


class _Running(threading.local):
    """The transaction that this thread runs."""

    events: list[Event] | None = None


_running = _Running()


@contextmanager
def recording() -> Iterator[list[Event]]:
    """Around a transaction, or around a savepoint within one: gives the list of what is recorded inside.

    Those of a savepoint join those of its transaction, unless the block raises: they are dropped then.
    """
    outer, inner = _running.events, list[Event]()
    _running.events = inner
    try:
        yield inner
    finally:
        _running.events = outer
    if outer is not None:
        outer += inner


def record(event: Event) -> None:
    """Called inside a transaction of the writer, where the row changes. The same event twice in a row is kept once.

    Raises RuntimeError outside of one: there, nothing could be rolled back, and `Bus.publish` is meant.
    """
    recorded = _running.events
    if recorded is None:
        raise RuntimeError(f"{event.kind} is recorded outside of a transaction")
    if not recorded or recorded[-1] != event:
        recorded.append(event)
