"""The card across processes: a server and a command that runs beside it share a data folder, and one lock in it.

    wait ─▶ lock `.card.next` ─▶ lock `.card` ─▶ release `.card.next` ─▶ hold ─▶ release `.card`

The waiter holds `.card.next`, so the holder sees that another process waits. The system frees both locks if a process dies.
"""

from __future__ import annotations

import fcntl
import logging
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)


class GpuFile:
    """One taker's view of the card's lock; not thread-safe. Where files cannot be locked, no other process is seen."""

    def __init__(self, folder: Path) -> None:
        self._card, self._next = _Lock(folder / ".card"), _Lock(folder / ".card.next")

    def take(self) -> bool:
        """Try to lock the card and return whether that succeeded; never blocks.

        Until it does, or `give` is called, it keeps the next
        place in the queue.
        """
        if not self._card.held and self._next.take():
            self._card.take()
        if self._card.held:
            self._next.give()
        return self._card.held

    def wanted(self) -> bool:
        """Return whether another process waits for the card."""
        free = self._next.take()
        self._next.give()
        return not free

    def give(self) -> None:
        self._next.give()
        self._card.give()


class _Lock:
    """A lock on one file. `held` tells whether this process holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self.held = False

    def take(self) -> bool:
        if not self.held:
            self.held = self._locked()
        return self.held

    def give(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self.held = None, False

    def _locked(self) -> bool:
        try:
            self._file = self._path.open("ab")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.give()
            return False
        except OSError as error:
            self.give()
            log.info("%s cannot be locked (%s): the card is used without asking other processes", self._path, error)
        return True
