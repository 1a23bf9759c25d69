"""What is sent, and how it went.

Message(uid, kind, items, …) ─▶ a sender ─▶ Outcome: delivered, or the error with what the other side said
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import CastMindError, NotifyBusy, NotifyFailed, NotifyNotFound, NotifyRefused, NotifySentOn, NotifyTooLarge

Item = Mapping[str, Any]
SAID = 300


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """`uid`: the same for each try, so that a receiver can drop a second copy. `items`: the things, `count` of them in all.

    `at`: when it was made. `title` and `text`: the same for people, in the channel's language; empty until it is sent.
    """

    uid: str
    kind: str
    at: float
    count: int
    items: tuple[Item, ...]
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status`: of the other side's answer, None without one; `said`: the beginning of that answer, without secrets."""

    error: CastMindError | None = None
    status: int | None = None
    said: str = ""
    seconds: float = 0.0
    retry_after: float | None = None


def failure_of(status: int) -> CastMindError | None:
    """Return the error for the status of an answer; None for a success."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return NotifySentOn(status=status)
    if status in (404, 405, 410):
        return NotifyNotFound(status=status)
    if status == 413:
        return NotifyTooLarge(status=status)
    if status in (408, 425, 429):
        return NotifyBusy(status=status)
    return NotifyRefused(status=status) if status < 500 else NotifyFailed(status=status)
