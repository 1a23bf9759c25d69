"""The kinds of data that a transaction may change, by where they are shown."""

from __future__ import annotations

from enum import Flag, auto


class TouchedKind(Flag):
    """PLACE is the listener's position, WORK the queue and the results of its jobs, LIBRARY all the rest."""

    PLACE = auto()
    WORK = auto()
    LIBRARY = auto()


NOTHING = TouchedKind(0)

EVERYTHING = ~NOTHING
