"""Quiet hours: when heavy work (what needs the graphics card) rests, why, and until when. Pure.

    QuietRules, what is seen of this computer ─▶ quiet(…) ─▶ Quiet(why, until) │ None: work

Four conditions, any of which is enough: until a time; in a window of the week; while a program runs; until the graphics card has
been idle for a minute. "Resume now" passes over each condition that holds, until it no longer does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import tzinfo
from typing import Any

from core.domain.daily_window import DAY_MINUTES, within
from core.errors import UserError
from core.message import Message

DAYS = 7
MOST_WINDOWS = 20
MOST_PROCESSES = 20
LONGEST_NAME = 100
# The card is idle when its use stayed at or below this for so long.
IDLE_PERCENT = 5
IDLE_SECONDS = 60.0
SILENT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class QuietWindow:
    """A stretch of some days of the week (0 is Monday), in minutes since midnight; over midnight if it ends before it begins."""

    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class QuietRules:
    """The rules as a person set them. `zone` is that of the windows, "" for this computer's; `at_once`: what runs stops too.

    `until` is Unix seconds. `passed_windows`, `passed_processes`: what held when a person pressed "resume now", until it no
    longer does.
    """

    until: float | None = None
    until_idle: bool = False
    windows: tuple[QuietWindow, ...] = ()
    zone: str = ""
    processes: tuple[str, ...] = ()
    at_once: bool = False
    passed_windows: bool = False
    passed_processes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class CardWatch:
    """The use of the card over time. Idle is what was low at each look for IDLE_SECONDS; `now` is Unix seconds.

    A look without an answer says nothing. Between two looks that are far apart the card may have been in use.
    """

    _low_since: float | None = None
    _looked_at: float = 0.0
    _silent_since: float | None = None

    def look(self, now: float, use: int | None) -> bool:
        """Note the use in per cent, None if it was not told; return whether the card has been idle long enough.

        A card that tells nothing for SILENT_SECONDS is not waited for.
        """
        if not 0.0 <= now - self._looked_at <= IDLE_SECONDS / 2:
            self._low_since = self._silent_since = None
        self._looked_at = now
        if use is None:
            self._silent_since = now if self._silent_since is None else self._silent_since
            return now - self._silent_since >= SILENT_SECONDS
        self._silent_since = None
        if use > IDLE_PERCENT:
            self._low_since = None
            return False
        self._low_since = now if self._low_since is None else self._low_since
        return now - self._low_since >= IDLE_SECONDS


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
        passed_windows=bool(said.get("passed_windows")),
        passed_processes=tuple(said.get("passed_processes") or ()),
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
    ends = None if kept.passed_windows else _windows_end(kept.windows, now, zone)
    until = kept.until if kept.until is not None and kept.until > now else None
    if found := next((name for name in _found(kept.processes, running) if name not in kept.passed_processes), ""):
        return Quiet(Message(f"{found} is running", "rest.process", name=found), None, kept.at_once)
    if kept.until_idle and not idle:
        return Quiet(Message("the graphics card is in use", "rest.card"), None, kept.at_once)
    if until is not None and (ends is None or until >= ends):
        return Quiet(Message("somebody paused it", "rest.until"), until, kept.at_once)
    if ends is not None:
        return Quiet(Message("it’s within quiet hours", "rest.in_window"), ends, kept.at_once)
    return None


def forget_past(kept: QuietRules, *, now: float, zone: tzinfo, running: Collection[str], idle: bool) -> QuietRules:
    """Return the rules without what is over: a time that has come, a card that is idle, conditions that were passed over."""
    return replace(
        kept,
        until=None if kept.until is not None and kept.until <= now else kept.until,
        until_idle=kept.until_idle and not idle,
        passed_windows=kept.passed_windows and _windows_end(kept.windows, now, zone) is not None,
        passed_processes=tuple(each for each in _found(kept.processes, running) if each in kept.passed_processes),
    )


def resumed(kept: QuietRules, *, now: float, zone: tzinfo, running: Collection[str]) -> QuietRules:
    """Return the rules after "resume now": what was meant for once is gone, what holds is passed over until it no longer does."""
    return replace(
        kept,
        until=None,
        until_idle=False,
        passed_windows=_windows_end(kept.windows, now, zone) is not None,
        passed_processes=tuple(_found(kept.processes, running)),
    )


def _found(names: Iterable[str], running: Collection[str]) -> list[str]:
    """Return the names that run. A program of Windows is known with and without its `.exe`."""
    return [name for name in names if {name.lower(), f"{name.lower()}.exe"} & set(running)]


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
    """Return the end of the window around `at`; its days are those on which it begins."""
    here = within(window.start, window.end, at, zone)
    return here.end if here and here.day.weekday() in window.days else None
