"""Quiet hours: when heavy work (what needs the graphics card) rests, why, and until when. Pure.

    QuietRules, what is seen of this computer ─▶ quiet(…) ─▶ Quiet(why, until) │ None: work

Four conditions, any of which is enough: until a time; in a window of the week; while a program runs; until the graphics card has
been idle for a minute. "Resume now" passes over the conditions that hold, until none of them does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from core.errors import UserError
from core.message import Message

DAYS = 7
DAY_MINUTES = 24 * 60
MOST_WINDOWS = 20
MOST_PROCESSES = 20
LONGEST_NAME = 100
# The card is idle when its use stayed at or below this for so long.
IDLE_PERCENT = 5
IDLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class QuietWindow:
    """A stretch of some days of the week (0 is Monday), in minutes since midnight; over midnight if it ends before it begins."""

    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class QuietRules:
    """The rules as a person set them. `zone` is that of the windows, "" for this computer's; `at_once`: what runs stops too.

    `until` is Unix seconds. `resumed`: a person pressed "resume now" during the conditions that hold.
    """

    until: float | None = None
    until_idle: bool = False
    windows: tuple[QuietWindow, ...] = ()
    zone: str = ""
    processes: tuple[str, ...] = ()
    at_once: bool = False
    resumed: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Heavy work rests. `until` is Unix seconds; None if the end is not known."""

    why: Message
    until: float | None = None
    at_once: bool = False


def rules(said: Mapping[str, Any]) -> QuietRules:
    """Return rules from the dict of `to_json`, or of a person. Raises UserError."""
    windows = tuple(_window(each) for each in said.get("windows") or ())
    names = tuple(dict.fromkeys(name.strip() for name in said.get("processes") or () if name.strip()))
    if len(windows) > MOST_WINDOWS or len(names) > MOST_PROCESSES or any(len(name) > LONGEST_NAME for name in names):
        raise UserError("These are too many quiet hours or programs. Nothing was changed.", case="quiet_many")
    until = said.get("until")
    return QuietRules(
        until=None if until is None else float(until),
        until_idle=bool(said.get("until_idle")),
        windows=windows,
        zone=str(said.get("zone") or ""),
        processes=names,
        at_once=bool(said.get("at_once")),
        resumed=bool(said.get("resumed")),
    )


def _window(said: Mapping[str, Any]) -> QuietWindow:
    window = QuietWindow(tuple(sorted({int(day) for day in said["days"]})), int(said["start"]), int(said["end"]))
    inside = all(0 <= minute < DAY_MINUTES for minute in (window.start, window.end))
    if not window.days or not inside or window.start == window.end or not all(0 <= day < DAYS for day in window.days):
        raise UserError(
            "A quiet window needs a day of the week, and a beginning and an end that differ. Nothing was changed.",
            case="quiet_window",
        )
    return window


def quiet(kept: QuietRules, *, now: float, zone: tzinfo, running: Collection[str], idle: bool) -> Quiet | None:
    """Return why heavy work rests; None if it does not.

    `running` are the names of the programs of this computer, in lower case; `idle`: the card has been idle long enough.
    """
    return None if kept.resumed else _condition(kept, now=now, zone=zone, running=running, idle=idle)


def forget_past(kept: QuietRules, *, now: float, zone: tzinfo, running: Collection[str], idle: bool) -> QuietRules:
    """Return the rules without what is over: a time that has come, a card that is idle, a "resume now" without a condition."""
    after = kept
    if kept.until is not None and kept.until <= now:
        after = replace(after, until=None)
    if kept.until_idle and idle:
        after = replace(after, until_idle=False)
    if after.resumed and _condition(after, now=now, zone=zone, running=running, idle=idle) is None:
        after = replace(after, resumed=False)
    return after


def resumed(kept: QuietRules) -> QuietRules:
    """Return the rules after "resume now": what was meant for once is gone, what returns is passed over this time."""
    return replace(kept, until=None, until_idle=False, resumed=bool(kept.windows or kept.processes))


def _condition(kept: QuietRules, *, now: float, zone: tzinfo, running: Collection[str], idle: bool) -> Quiet | None:
    until = kept.until if kept.until is not None and kept.until > now else None
    ends = _windows_end(kept.windows, now, zone)
    if found := _found(kept.processes, running):
        return Quiet(Message(f"{found} is running", "rest.process", name=found), None, kept.at_once)
    if kept.until_idle and not idle:
        return Quiet(Message("the graphics card is in use", "rest.card"), None, kept.at_once)
    if until is not None and (ends is None or until >= ends):
        return Quiet(Message("somebody paused it", "rest.until"), until, kept.at_once)
    if ends is not None:
        return Quiet(Message("it’s within quiet hours", "rest.in_window"), ends, kept.at_once)
    return None


def _found(names: Iterable[str], running: Collection[str]) -> str:
    """Return the first of the names that runs. A program of Windows is known with and without its `.exe`."""
    return next((name for name in names if {name.lower(), f"{name.lower()}.exe"} & set(running)), "")


def _windows_end(windows: Iterable[QuietWindow], now: float, zone: tzinfo) -> float | None:
    """Return when the window ends in which `now` lies, with those that follow it without a gap; None outside of all."""
    ends, at = None, now
    for _ in range(DAYS * MOST_WINDOWS):
        found = max((end for window in windows if (end := _end(window, at, zone)) is not None), default=None)
        if found is None:
            break
        ends = at = found
    return ends


def _end(window: QuietWindow, at: float, zone: tzinfo) -> float | None:
    """Return the end of the window around `at`, which begins on the same day or on the day before."""
    today = datetime.fromtimestamp(at, zone).date()
    for day in (today, today - timedelta(days=1)):
        if day.weekday() not in window.days:
            continue
        last = day + timedelta(days=1) if window.end < window.start else day
        start, end = (_moment(each, minutes, zone) for each, minutes in ((day, window.start), (last, window.end)))
        if start <= at < end:
            return end
    return None


def _moment(day: date, minutes: int, zone: tzinfo) -> float:
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone).timestamp()
