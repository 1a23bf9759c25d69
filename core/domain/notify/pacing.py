"""When a message is made of the notices that wait, and when a message that was not delivered is tried again.

first notice of a kind ─▶ gathered for a while ─▶ quiet hours over ─▶ room in the channel's rate ─▶ one message of all of them
a try that failed ─┬─ refused (wrong key, unknown place) ─▶ a few tries in an hour ─▶ given up
                   └─ anything else ─▶ seconds, minutes, hours, for three days ─▶ given up
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.notify.channel import Channel, quiet_until
from core.domain.notify.kinds import kind_named

# One message of a channel every ten seconds, and thirty an hour. What comes meanwhile waits, and goes into the next message.
GAP = 10.0
MOST_AN_HOUR = 30
HOUR = 3600.0
RETRIES = (10.0, 60.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
RETRIES_REFUSED = (60.0, 600.0, 3600.0)
LONGEST_WAIT = 86400.0
# More than a person reads.
MOST_ITEMS = 100
REFUSED = (
    "bad_address",
    "notify_address",
    "notify_address_lost",
    "notify_not_found",
    "notify_refused",
    "notify_sent_on",
    "notify_too_large",
)
"""Codes of errors that come back until somebody changes the channel."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The notices of one kind that wait for a message of one channel. `since`: the oldest one's time."""

    kind: str
    count: int
    since: float


def due(channel: Channel, waiting: Waiting, sent: Sequence[float], now: float) -> float:
    """Return when the message is to be made, in Unix seconds; `now` or earlier for at once.

    `sent`: when messages of this channel were made in the last hour, in order.
    """
    kind = kind_named(waiting.kind)
    at = waiting.since if kind.urgent else waiting.since + channel.gather
    until = None if kind.urgent and channel.urgent_anyway else quiet_until(channel, max(at, now))
    return max(at, until or 0.0, _room(sent))


def _room(sent: Sequence[float]) -> float:
    """Return when the rate allows another message."""
    if not sent:
        return 0.0
    full = sent[-MOST_AN_HOUR] + HOUR if len(sent) >= MOST_AN_HOUR else 0.0
    return max(sent[-1] + GAP, full)


def next_try(code: str, tries: int, now: float, *, retry_after: float | None = None, jitter: float = 0.0) -> float | None:
    """Return when to try again after `tries` tries, the last of which failed with `code`; None to give up.

    `jitter`: 0 to 1, so that channels of one broken server are not tried all at once.
    """
    waits = RETRIES_REFUSED if code in REFUSED else RETRIES
    if tries > len(waits):
        return None
    wait = waits[tries - 1] * (1.0 + 0.1 * jitter)
    return now + max(wait, min(retry_after or 0.0, LONGEST_WAIT))
