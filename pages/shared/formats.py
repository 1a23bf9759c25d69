"""Times, lengths and sizes as text: in the language of the pages, the format of the browser's region, and its time zone."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pages.text import language, t
from pages.visitor import locale, zone_name

# Regions that write "5:05 PM", among those whose languages the pages support and those that use them in English.
TWELVE_HOURS = {
    "en-us",
    "en-ca",
    "en-au",
    "en-nz",
    "en-in",
    "en-ph",
    "en-sg",
    "en-my",
    "en-hk",
    "en-pk",
    "zh-tw",
    "zh-hk",
    "zh-mo",
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def zone() -> tzinfo | None:
    """Return the browser's time zone; None, which means the server's, when the browser did not report one."""
    try:
        return ZoneInfo(name) if (name := zone_name()) else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, as America
        return None


def _locale() -> str:
    return locale().replace("_", "-").lower()


def american() -> bool:
    """Return whether the browser is set to the United States, where the month comes first."""
    return _locale() == "en-us"


def date(moment: float) -> str:
    """Format a day: `22 Nov 2026`, `Nov 22, 2026`, `2026年11月22日`. `moment` is Unix seconds."""
    day = datetime.fromtimestamp(moment, zone())
    if language() == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    if american():
        return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day(moment: float) -> str:
    """Format a day of this year, for narrow places: `22 Nov`, `Nov 22`, `11月22日`."""
    when = datetime.fromtimestamp(moment, zone())
    if language() == "zh":
        return f"{when.month}月{when.day}日"
    month = MONTHS[when.month - 1]
    return f"{month} {when.day}" if american() else f"{when.day} {month}"


def time_of(moment: float) -> str:
    """Format a day and time: `22 Nov 2026, 17:05`, `Nov 22, 2026, 5:05 PM`, `2026年11月22日 17:05`, `2026年11月22日 下午5:05`."""
    return f"{date(moment)}{' ' if language() == 'zh' else ', '}{hour(moment)}"


def hour(moment: float) -> str:
    """Format the time of day alone, on a 24-hour or 12-hour clock as in the browser's region."""
    when = datetime.fromtimestamp(moment, zone())
    if _locale() not in TWELVE_HOURS:
        return f"{when:%H:%M}"
    half = t("format.morning") if when.hour < 12 else t("format.afternoon")
    words = f"{when.hour % 12 or 12}:{when:%M}"
    return f"{half}{words}" if language() == "zh" else f"{words} {half}"


def lately(moment: float, now: float) -> str:
    """Format a day with the time, and the year only beyond 180 days in either direction: `22 Nov, 17:05`, `11月22日 17:05`."""
    if abs(moment - now) > 180 * 86400:
        return time_of(moment)
    return f"{day(moment)}{' ' if language() == 'zh' else ', '}{hour(moment)}"


def relative(moment: float, now: float) -> str:
    """Format the distance from now: `in 5 min`, `2 h 10 min ago`, `just now`; a day with the time from two days on.

    For parts that are refreshed while they are shown: elsewhere the text would soon be wrong.
    """
    away = moment - now
    if abs(away) < 30:
        return t("format.now") if away < 0 else t("format.soon")
    if abs(away) >= 48 * 3600:
        return time_of(moment)
    return t("format.ahead" if away > 0 else "format.ago", time=span(abs(away)))


def recent(moment: float) -> str:
    """Format a day, in words if it is of the last week: `today`, `yesterday`, `3 days ago`, else as `date`.

    Days are those of the calendar, in the browser's time zone.
    """
    today, then = (datetime.fromtimestamp(each, zone()).date() for each in (time.time(), moment))
    days = (today - then).days
    if not 0 <= days < 7:
        return date(moment)
    return t(("format.today", "format.yesterday")[days]) if days < 2 else t("format.days_ago", n=days)


def clock(seconds: float) -> str:
    """Format a position in audio, or its length: `4:07`, `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def span(seconds: float) -> str:
    """Format a rough duration in words: `40 s`, `3 min`, `2 h 10 min`, `5 days`."""
    if round(seconds) < 60:
        return t("format.seconds", n=max(round(seconds), 0))
    minutes = round(seconds / 60)
    if minutes < 60:
        return t("format.minutes", n=minutes)
    if minutes < 48 * 60:
        return t("format.hours", h=minutes // 60, m=minutes % 60)
    return t("format.days", n=round(seconds / 86400))


def episodes(count: int) -> str:
    """Format a number of episodes: `1 episode`, `1,204 episodes`, `1,204 集`."""
    return t("library.count_one") if count == 1 else t("library.count", n=f"{count:,}")


def size(count: float) -> str:
    """Format bytes in decimal units: `312 kB`, `1.4 GB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000:
            return f"{count:.0f} {unit}" if unit in ("B", "kB") or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def percent(share: float) -> str:
    """Format a fraction from 0 to 1. It is rounded down: less than all never shows as 100%."""
    return f"{int(share * 100)}%"


def listed(words: Iterable[str]) -> str:
    """Join words as a list: `a, b`, `a、b`."""
    return t("format.comma").join(words)


def pair(name: str, value: str) -> str:
    """Join a name and its value: `Feed: News`, `订阅源：新闻`."""
    return f"{name}{t('format.colon')}{value}"
