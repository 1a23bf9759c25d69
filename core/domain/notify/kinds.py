"""What notifications are about: the one table of kinds.

A new kind: a row of KINDS, its texts in core/notify/text/*.json, its names in pages/text/*.json, and what notices it in
core/services/notify/listener.py (an event) or watch.py (a state that is looked at).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HOUR = 3600.0
DAY = 24 * HOUR


class Audience(StrEnum):
    """Whose channels may take a kind: everyone's, those of admins, or those of the one whom it is about."""

    EVERYONE = "everyone"
    ADMINS = "admins"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """`urgent`: not gathered with others, and sent in quiet hours too unless the channel forbids it. `chosen`: in a new channel.

    `again`: seconds until the same thing may be told again while it lasts; None for not before it has been over.
    """

    name: str
    audience: Audience = Audience.EVERYONE
    urgent: bool = False
    chosen: bool = True
    again: float | None = None


KINDS = (
    NoticeKind("notes.ready", again=DAY),
    NoticeKind("job.failed", again=HOUR),
    NoticeKind("feed.failing"),
    NoticeKind("feed.recovered", chosen=False, again=0.0),
    NoticeKind("disk.low", Audience.ADMINS, urgent=True, again=7 * DAY),
    NoticeKind("backup.failed", Audience.ADMINS, again=3 * DAY),
    NoticeKind("health.unhealthy", Audience.ADMINS, urgent=True, again=DAY),
    NoticeKind("health.recovered", Audience.ADMINS, again=0.0),
    NoticeKind("signin.new_place", Audience.SELF, urgent=True, again=0.0),
)
BY_NAME = {kind.name: kind for kind in KINDS}
TEST = NoticeKind("test", urgent=True, again=0.0)
"""What the test button sends; nobody chooses it."""


def kind_named(name: str) -> NoticeKind:
    """Return a kind. Raises KeyError."""
    return TEST if name == TEST.name else BY_NAME[name]


def may_be_told(kind: NoticeKind, told_at: float | None, now: float) -> bool:
    """Return whether a thing that was last told at `told_at` (None: never, or it has been over since) may be told now."""
    return told_at is None or (kind.again is not None and now - told_at >= kind.again)
