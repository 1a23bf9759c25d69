"""Events of the transaction that runs: kept until it is committed, dropped when it is rolled back.

Store.write ─▶ Recording() ─▶ record(event) …      the writer has one thread, so its thread is the transaction
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
    """Around a transaction, or around a savepoint within one: gives the list of what is recorded inside.

    Those of a savepoint join those of its transaction, unless the block raises: they are dropped then.
    """

    # A class: contextlib's generators take five times as long, and every write pays for it.
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
    """Called inside a transaction of the writer, where the row changes. The same event twice in a row is kept once.

    Raises RuntimeError outside of one: there, nothing could be rolled back, and `Bus.publish` is meant.
    """
    recorded = _running.events
    if recorded is None:
        raise RuntimeError(f"{event.kind} is recorded outside of a transaction")
    if not recorded or recorded[-1] != event:
        recorded.append(event)
