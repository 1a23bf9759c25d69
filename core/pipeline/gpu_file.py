"""The card among processes: a server and a command that runs beside it share a data folder, and one lock in it.

    wait ─▶ lock `.card.next` ─▶ lock `.card` ─▶ let `.card.next` go ─▶ hold ─▶ let `.card` go

Who waits holds `.card.next`, so a holder sees that it is wanted. The system frees both locks of a process that dies.
"""

from __future__ import annotations

import fcntl
import logging
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)


class GpuFile:
    """One taker's view of the card of this computer; not safe from several threads. Where no file can be locked, it is alone."""

    def __init__(self, folder: Path) -> None:
        self._card, self._next = _Lock(folder / ".card"), _Lock(folder / ".card.next")

    def take(self) -> bool:
        """Says whether the card is had; never blocks. Until it is, or `give` is called, the next place in line is kept."""
        if not self._card.held and self._next.take():
            self._card.take()
        if self._card.held:
            self._next.give()
        return self._card.held

    def wanted(self) -> bool:
        """Whether another process waits for it."""
        free = self._next.take()
        self._next.give()
        return not free

    def give(self) -> None:
        self._next.give()
        self._card.give()


class _Lock:
    """A lock on one file. `held` says whether it is had."""

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
