"""Tune how threads share the interpreter (GIL) of this process, and the garbage collector.

The event loop, which accepts every request, needs the interpreter, as do all pages and responses in progress, and its holder
keeps it for 5 ms: with twenty active pages, the loop waits 100 ms for each turn. With 1 ms it waits a fifth of that; a switch
takes microseconds.

Garbage collection stops all threads, and Python's defaults run it often: a hundred responses in progress count as many new
objects. Objects that exist after the start live to the end, so they are excluded, and the rest is collected less often: objects
are freed at once anyway, unless they refer to each other in a cycle.
"""

from __future__ import annotations

import gc
import sys

SWITCH_SECONDS = 0.001
# How many net allocations trigger a collection of the newest objects; ten times that for older ones.
NEW_OBJECTS = 20_000


def share() -> None:
    """Apply the tuning; call it once, when all long-lived objects exist."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
