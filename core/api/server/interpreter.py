"""How the one interpreter of this process is shared by all whom it works for.

The event loop, which takes in every request, needs it as each page that is drawn and each answer that is made does, and whoever
has it keeps it for 5 ms: with twenty pages at work the loop waits 100 ms for each of its turns. With 1 ms it waits a fifth of
that; the exchange itself takes microseconds.

While garbage is looked for everybody waits, and by Python's own numbers that is often: a hundred answers in the making count as
much that is new. What is there after the start stays to the end, so it is not looked through any more, and the rest more seldom:
what is no longer needed goes at once anyhow, unless it refers to itself in a circle.
"""

from __future__ import annotations

import gc
import sys

SWITCH_SECONDS = 0.001
# How many objects are made, less those that went, until the newest ones are looked through; ten times that for older ones.
NEW_OBJECTS = 20_000


def share() -> None:
    """Once, when everything that stays is there."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
