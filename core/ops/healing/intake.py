"""Pause what brings new data while the disk is low, before the database suffers, and go on by itself.

free space ─▶ paused() ─┬─ below the least: paused, until a tenth more than the least is free
                        └─ else: polls of feeds, covers and publishers' extras go on
"""

from __future__ import annotations

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

# So that it does not go on and off with each file that comes and goes.
MORE = 1.1


class Intake:
    """`free` and `least` return bytes. Downloads and uploads check the room for themselves."""

    def __init__(self, free: Callable[[], float], least: Callable[[], float]) -> None:
        self._free = free
        self._least = least
        self._paused = False

    def paused(self) -> bool:
        """Look at the disk; return whether intake is paused."""
        free, least = self._free(), self._least()
        paused = free < least * (MORE if self._paused else 1.0)
        if paused and not self._paused:
            log.warning("the disk is low (%.1f GB free): feeds and covers are not fetched until there is room", free / 1e9)
        elif self._paused and not paused:
            log.info("there is room again (%.1f GB free): feeds and covers are fetched", free / 1e9)
        self._paused = paused
        return paused

    def unless_paused(self, work: Callable[[], None]) -> None:
        if not self.paused():
            work()
