"""The events of the running transaction: kept until COMMIT, dropped at ROLLBACK.

Store.write ─▶ Recording() ─▶ record(event) …      the writer has one thread, so a thread-local is the transaction
a savepoint ─▶ Recording() within it
"""

from __future__ import annotations

import threading

from core.events.kinds import Event


class _Running(threading.local):
    """The transaction that this thread runs."""

    events: list[Event] | None = None


_running = _Running()


class Recording:
    """A context manager around a transaction, or a savepoint within one, that gives the list of events recorded inside.

    When a savepoint ends, its events join those of its transaction; if the block raises, they are dropped.
    """

    # A class, because contextlib's generators take five times as long, and every write pays for it.
    __slots__ = ("_inner", "_outer")

    def __enter__(self) -> list[Event]:
        self._outer, self._inner = _running.events, list[Event]()
        _running.events = self._inner
        return self._inner

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        _running.events = self._outer
        if error is None and self._outer is not None:
            self._outer += self._inner


def record(event: Event) -> None:
    """Record an event; call it inside the writer's transaction, where the row changes. An immediate duplicate is dropped.

    Raises RuntimeError outside a transaction, where nothing could be rolled back: use `Bus.publish` there.
    """
    recorded = _running.events
    if recorded is None:
        raise RuntimeError(f"{event.kind} is recorded outside of a transaction")
    if not recorded or recorded[-1] != event:
        recorded.append(event)
