"""The event bus: one queue and one thread per listener.

    publish ─▶ the queue of each listener for this kind ─▶ its thread ─▶ hear(event) ─▶ an exception is logged; the next event

A publisher never waits for a listener, nor one listener for another. A listener may write to the library itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any

from core.events.kinds import Event

log = logging.getLogger(__name__)

# Events queued for one listener: about 2 MB. A listener that hangs must not fill the memory.
MOST_WAITING = 10_000
STOP_SECONDS = 5.0

Hear = Callable[[Any], object]
"""A callback, called with each event of its kinds, one after the other."""
Publish = Callable[[Event], None]


def nobody(event: Event) -> None:
    """A `Publish` without listeners, for commands that exit when they are done."""
    log.debug("%s is told to nobody", event.kind)


class Bus:
    """Delivers events to listeners. Thread-safe; `publish` neither waits nor raises.

    Events published before `start`, or after `stop`, wait for the next `start`.
    """

    def __init__(self) -> None:
        self._listeners: tuple[_Listener, ...] = ()
        self._guard = threading.Lock()
        self._started = False

    def listen(self, name: str, hear: Hear, *kinds: type[Event]) -> None:
        """Call `hear`, in a thread of its own, with each later event of these kinds (`Event`: all)."""
        listener = _Listener(name, hear, kinds)
        with self._guard:
            self._listeners = (*self._listeners, listener)
            if self._started:
                listener.start()

    def publish(self, *events: Event) -> None:
        self.publish_all(events)

    def publish_all(self, events: Iterable[Event]) -> None:
        """Publish the events in this order."""
        listeners = self._listeners
        for event in events:
            for listener in listeners:
                listener.tell(event)

    def start(self) -> None:
        """Start the listeners' threads. Idempotent."""
        with self._guard:
            self._started = True
            for listener in self._listeners:
                listener.start()

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Wait until all published events are handled; leave a listener behind that takes longer than `timeout` seconds."""
        with self._guard:
            self._started = False
            listeners = self._listeners
        deadline = time.monotonic() + timeout
        for listener in listeners:
            listener.end()
        for listener in listeners:
            listener.join(max(deadline - time.monotonic(), 0.0))

    def dead(self) -> bool:
        """Return whether a listener's thread has ended although it was not told to."""
        return self._started and any(listener.dead() for listener in self._listeners)

    def revive(self) -> list[str]:
        """Start the threads of dead listeners again, which go on with the next event; return their names."""
        with self._guard:
            return [listener.name for listener in self._listeners if self._started and listener.revive()]

    def settle(self, timeout: float = 30.0) -> bool:
        """Wait until all events published so far are handled; return False if that takes longer than `timeout` seconds."""
        heard = [listener.mark() for listener in self._listeners]
        return all(mark.wait(timeout) for mark in heard)


class _Listener:
    """One listener with its queue and thread: a slow, failing or hanging one does not affect the others."""

    def __init__(self, name: str, hear: Hear, kinds: tuple[type[Event], ...]) -> None:
        self.name = name
        self._hear = hear
        self._kinds = kinds
        self._queue: SimpleQueue[Event | threading.Event | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._overflowed = False

    def tell(self, event: Event) -> None:
        if not isinstance(event, self._kinds):
            return
        full = self._queue.qsize() >= MOST_WAITING
        if not full:
            self._queue.put(event)
        elif not self._overflowed:
            log.error("the listener %s does not keep up; events from %s on are lost to it", self.name, event.kind)
        self._overflowed = full

    def mark(self) -> threading.Event:
        """Return an event that is set once everything queued so far has been handled."""
        heard = threading.Event()
        self._queue.put(heard)
        return heard

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name=f"listener-{self.name}", daemon=True)
            self._thread.start()

    def dead(self) -> bool:
        return self._thread is not None and not self._thread.is_alive()

    def revive(self) -> bool:
        """Return whether the thread was dead."""
        if not self.dead():
            return False
        self._thread = None
        self.start()
        return True

    def end(self) -> None:
        if self._thread is not None:
            self._queue.put(None)

    def join(self, timeout: float) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        thread.join(timeout)
        if thread.is_alive():
            log.warning("the listener %s has not ended within its time; it is left behind", self.name)

    def _loop(self) -> None:
        while (told := self._queue.get()) is not None:
            if isinstance(told, threading.Event):
                told.set()
            else:
                self._call(told)

    def _call(self, event: Event) -> None:
        try:
            self._hear(event)
        except Exception:
            log.exception("the listener %s failed at %s", self.name, event.kind)
