"""A channel: where one user's notifications go, which kinds, and when.

quiet_until(channel, now) ─▶ the end of the quiet hours that `now` lies in, by the channel's time zone
takes(channel, kind, …)   ─▶ whether it takes a kind that is about this user
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from core.domain.daily_window import DAY_MINUTES, within
from core.domain.notify.kinds import Audience, NoticeKind
from core.errors import UserError

GATHER = (0, 300, 900, 3600, 21600)
LANGUAGES = ("en", "zh")
LONGEST_NAME = 80
WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Channel:
    """`shown`: its address, masked. `quiet_from`, `quiet_to`: minutes of the day in `zone`; the same for no quiet hours.

    `gather`: seconds in which notices of one kind are gathered into one message. `titles`: whether messages name episodes and
    feeds. `urgent_anyway`: whether urgent kinds are sent in quiet hours too.
    """

    id: int
    user_id: int
    name: str
    service: str
    shown: str
    kinds: tuple[str, ...]
    language: str = "en"
    titles: bool = True
    gather: int = 300
    quiet_from: int = 0
    quiet_to: int = 0
    zone: str = "UTC"
    urgent_anyway: bool = True
    enabled: bool = True
    created_at: float = 0.0


def checked(channel: Channel) -> Channel:
    """Return the channel. Raises UserError with a `case` for a value that cannot be."""
    if not channel.name.strip() or len(channel.name) > LONGEST_NAME:
        raise UserError(f"A name of 1 to {LONGEST_NAME} characters is needed.", case="channel_name", most=LONGEST_NAME)
    if channel.language not in LANGUAGES:
        raise UserError(f"The language is one of {', '.join(LANGUAGES)}.", case="channel_value", name="language")
    if channel.gather not in GATHER:
        raise UserError(f"Notices are gathered for one of {GATHER} seconds.", case="channel_value", name="gather")
    if not all(0 <= minute < DAY_MINUTES for minute in (channel.quiet_from, channel.quiet_to)):
        raise UserError("Quiet hours are minutes of a day, 0 to 1439.", case="channel_value", name="quiet_from")
    if channel.zone not in available_timezones():
        raise UserError("The time zone is none that is known.", case="channel_value", name="zone")
    return channel


def takes(channel: Channel, kind: NoticeKind, *, about: int | None, is_admin: bool) -> bool:
    """Return whether the channel takes a kind. `about`: the user whom it is about; `is_admin`: of the channel's user."""
    if not channel.enabled or kind.name not in channel.kinds:
        return False
    if kind.audience is Audience.SELF:
        return about == channel.user_id
    return is_admin or kind.audience is Audience.EVERYONE


def quiet_until(channel: Channel, now: float) -> float | None:
    """Return when the quiet hours end that `now` lies in, in Unix seconds; None outside of them.

    The end is a time on the clock of the zone: a night in which the clocks change is an hour shorter or longer.
    """
    here = within(channel.quiet_from, channel.quiet_to, now, ZoneInfo(channel.zone))
    return here.end if here else None
