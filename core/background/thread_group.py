"""The threads of one part: started together, joined together, and started again one by one where one has died."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Member:
    name: str
    run: Callable[[], None]
    thread: threading.Thread


class ThreadGroup:
    """Thread-safe. A thread that ends although the group was not told to end counts as dead."""

    def __init__(self) -> None:
        self._members: list[_Member] = []
        self._guard = threading.Lock()

    def begin(self) -> None:
        """Forget the members of an earlier life; those still running keep what told them to end."""
        with self._guard:
            self._members = []

    def spawn(self, name: str, run: Callable[[], None]) -> None:
        with self._guard:
            self._members.append(_Member(name, run, _started(name, run)))

    def alive(self) -> bool:
        """Return whether there are threads, and all of them run."""
        return bool(self._members) and not self.dead()

    def dead(self) -> list[str]:
        """Return the names of the threads that have ended."""
        return [member.name for member in self._members if not member.thread.is_alive()]

    def revive(self) -> list[str]:
        """Start dead threads again; return their names."""
        with self._guard:
            dead = [member for member in self._members if not member.thread.is_alive()]
            for member in dead:
                member.thread = _started(member.name, member.run)
        return [member.name for member in dead]

    def replace(self, thread: threading.Thread) -> None:
        """Start another thread in the place of one that hangs, which is left to itself."""
        with self._guard:
            for member in self._members:
                if member.thread is thread:
                    member.thread = _started(member.name, member.run)

    def join(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds; return whether all have ended."""
        deadline = time.monotonic() + timeout
        with self._guard:
            threads = [member.thread for member in self._members]
            # They end because they were told to: none of them is dead.
            self._members = []
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in threads)

    def __len__(self) -> int:
        return len(self._members)


def _started(name: str, run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
