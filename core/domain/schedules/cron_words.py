"""A cron expression in plain words: "every day at 03:00", "every Friday at 18:30", "every 15 minutes".

fields ─▶ the first of the shapes that fits ─▶ Message; an expression without one is its own reading, in every language
"""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.schedules.cron import Cron
from core.message import Message

DAYS = (
    Message("Sunday", "cron.sunday"),
    Message("Monday", "cron.monday"),
    Message("Tuesday", "cron.tuesday"),
    Message("Wednesday", "cron.wednesday"),
    Message("Thursday", "cron.thursday"),
    Message("Friday", "cron.friday"),
    Message("Saturday", "cron.saturday"),
)
MONTHS = (
    Message("January", "cron.january"),
    Message("February", "cron.february"),
    Message("March", "cron.march"),
    Message("April", "cron.april"),
    Message("May", "cron.may"),
    Message("June", "cron.june"),
    Message("July", "cron.july"),
    Message("August", "cron.august"),
    Message("September", "cron.september"),
    Message("October", "cron.october"),
    Message("November", "cron.november"),
    Message("December", "cron.december"),
)
_MOST_TIMES = 4
_LONGEST_MONTH = 29
_WORK, _WEEKEND = {1, 2, 3, 4, 5}, {0, 6}


def reading(cron: Cron) -> Message:
    """Return the words, or the expression itself."""
    minute, hour, day, month, weekday = cron.fields
    if (day, month, weekday) == ("*", "*", "*") and (said := _often(minute, hour)):
        return said
    times = _times(minute, hour)
    said = times and _on_days(day, month, weekday, times)
    return said or Message(cron.text)


def _often(minute: str, hour: str) -> Message | None:
    """Return the reading of what comes several times a day, at equal distances."""
    if hour == "*":
        if minute in ("*", "*/1"):
            return Message("every minute", "cron.minute")
        if step := _step(minute, 60):
            return Message(f"every {step} minutes", "cron.minutes", n=step)
        if minute.isdigit():
            return Message(f"every hour at :{int(minute):02}", "cron.hour", minute=f"{int(minute):02}")
    if minute.isdigit() and (step := _step(hour, 24)):
        at = f"{int(minute):02}"
        return Message(f"every {step} hours at :{at}", "cron.hours", n=step, minute=at)
    return None


def _step(field: str, whole: int) -> int:
    """Return n of `*/n` if that divides the whole: otherwise the last step is shorter."""
    head, _, step = field.partition("/")
    return int(step) if head == "*" and step.isdigit() and 1 < int(step) < whole and whole % int(step) == 0 else 0


def _times(minute: str, hour: str) -> Message | None:
    """Return `03:00`, or `08:00 and 18:00`."""
    hours = hour.split(",")
    if not minute.isdigit() or not all(each.isdigit() for each in hours) or len(hours) > _MOST_TIMES:
        return None
    return _listed([Message(f"{each:02}:{int(minute):02}") for each in sorted({int(each) for each in hours})])


def _on_days(day: str, month: str, weekday: str, times: Message) -> Message | None:
    match day, month, weekday:
        case "*", "*", "*":
            return Message(f"every day at {times}", "cron.daily", times=times)
        case "*", "*", _:
            return _weekly(weekday, times)
        case "L", "*", "*":
            return Message(f"on the last day of every month at {times}", "cron.last_day", times=times)
        case _, "*", "*" if day.isdigit():
            return _monthly(int(day), times)
        case _, _, "*" if day.isdigit() and (number := _month(month)):
            return _yearly(int(day), number, times)
    return None


def _weekly(weekday: str, times: Message) -> Message | None:
    days = _weekdays(weekday)
    if days is None:
        return None
    if len(days) == len(DAYS):
        return _on_days("*", "*", "*", times)
    if days == _WORK:
        return Message(f"Monday to Friday at {times}", "cron.workdays", times=times)
    if days == _WEEKEND:
        return Message(f"every Saturday and Sunday at {times}", "cron.weekend", times=times)
    # A week begins on Monday.
    named = _listed([DAYS[each] for each in sorted(days, key=lambda each: (each - 1) % 7)])
    return Message(f"every {named} at {times}", "cron.weekly", days=named, times=times)


def _weekdays(field: str) -> set[int] | None:
    """Return the days of `1`, `MON-FRI`, `6,0`; None for a step or a count within the month."""
    found: set[int] = set()
    for part in field.split(","):
        ends = [_weekday(each) for each in part.split("-")]
        if None in ends:
            return None
        first, last = int(ends[0] or 0), int(ends[-1] or 0)
        found |= {each % 7 for each in range(first, last + 1)}
    return found or None


def _weekday(name: str) -> int | None:
    short = [each[:3].upper() for each in DAYS]
    return short.index(name) if name in short else int(name) if name.isdigit() else None


def _month(name: str) -> int:
    short = [each[:3].upper() for each in MONTHS]
    return short.index(name) + 1 if name in short else int(name) if name.isdigit() else 0


def _monthly(day: int, times: Message) -> Message:
    if day >= _LONGEST_MONTH:
        return Message(f"on day {day} of each month that has one, at {times}", "cron.monthly_if", day=day, times=times)
    return Message(f"on day {day} of every month at {times}", "cron.monthly", day=day, times=times)


def _yearly(day: int, month: int, times: Message) -> Message:
    named = MONTHS[month - 1]
    if (day, month) == (29, 2):
        return Message(f"on 29 February of each leap year at {times}", "cron.leap", times=times)
    return Message(f"every year on {day} {named} at {times}", "cron.yearly", day=day, month=named, times=times)


def _listed(words: Sequence[Message]) -> Message:
    """Return `a`, `a and b`, `a, b and c`."""
    if len(words) == 1:
        return words[0]
    head = words[0]
    for each in words[1:-1]:
        head = Message(f"{head}, {each}", "cron.comma", a=head, b=each)
    return Message(f"{head} and {words[-1]}", "cron.and", a=head, b=words[-1])
