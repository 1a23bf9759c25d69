"""Parse publication dates, in the many notations of feeds.

text ─▶ Unix time? ─▶ the day, in an unambiguous order ─▶ the time and zone beside it ─▶ seconds since 1970

An ambiguous day (03/04/2024) gives None, and so does one that the calendar lacks: unknown is better than wrong. An impossible
time is ignored and the day kept. A missing or unknown zone counts as UTC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_LENGTH = 100
FIRST_YEAR, LAST_YEAR = 1900, 2100

# By distinctive first letters: English, German, Dutch, French, Spanish, Portuguese, Italian, Polish, Russian, and the
# Scandinavian languages.
_MONTHS = (
    "jan|gen|ene|sty|янв",
    "feb|fev|fév|lut|фев",
    "mar|mär|maer|mrz|mrt|maart|мар",
    "apr|avr|abr|kwi|апр",
    "may|mai|mag|maj|mei|мая|май",
    "jun|juin|giu|cze|июн|lipan|lipnj",
    "jul|juil|lug|lip|июл",
    "aug|aoû|aou|ago|sie|авг",
    "sep|set|wrz|сен",
    "oct|okt|out|ott|paź|paz|окт",
    "nov|lis|ноя|marra",
    "dec|dez|déc|dic|des|gru|дек",
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split("|")}

# Hours from UTC. An ambiguous name has the meaning that feeds use: CST and EST are American (RFC 822).
_ZONES = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0.0),
    **dict.fromkeys(("cet", "met", "mez", "bst", "west", "wat"), 1.0),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "sast", "cat"), 2.0),
    **dict.fromkeys(("eest", "msk", "trt", "eat"), 3.0),
    **{"msd": 4.0, "gst": 4.0, "pkt": 5.0, "ist": 5.5, "npt": 5.75, "ict": 7.0, "wib": 7.0},
    **dict.fromkeys(("hkt", "sgt", "myt", "pht", "awst"), 8.0),
    **dict.fromkeys(("jst", "kst"), 9.0),
    **{"acst": 9.5, "aest": 10.0, "acdt": 10.5, "aedt": 11.0, "nzst": 12.0, "nzdt": 13.0},
    **{"nst": -3.5, "ndt": -2.5, "brt": -3.0, "art": -3.0, "adt": -3.0, "ast": -4.0, "edt": -4.0, "est": -5.0, "cdt": -5.0},
    **{"cst": -6.0, "mdt": -6.0, "mst": -7.0, "pdt": -7.0, "pst": -8.0, "akdt": -8.0, "akst": -9.0, "hst": -10.0},
}

# The form of RFC 2822, which most feeds use. A shortcut: the patterns below read such a date the same way.
_COMMON = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d{2}):(\d{2}):(\d{2}) (?:GMT|UTC|([+-])(\d{2})(\d{2}))",
    re.ASCII,
)
_UNIX = re.compile(r"(\d{9,10})(?:\.\d{1,9})?|(\d{12,13})")
_DAYS = (
    # 2024-03-05, 2024/3/5, 2024.3.5, 2024年3月5日, 2024년 3월 5일
    re.compile(r"(?<!\d)(?P<y>\d{4})\s?[-/.年년]\s?(?P<m>\d{1,2})\s?[-/.月월]\s?(?P<d>\d{1,2})(?:\s?[日號号일])?(?=[T\s,]|\D|$)"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?=T\d|\s|$)"),
    # 5 Mar 2024, 5-Mar-24, 5. März 2024, 5 de marzo de 2024
    re.compile(
        r"(?<!\d)(?P<d>\d{1,2})(?:st|nd|rd|th|er)?[\s.,/-]{1,3}(?:de\s)?(?P<n>[^\W\d_]{3,12})[\s.,/-]{1,3}(?:de\s)?(?P<y>\d{4}|\d{2})(?!\d)",
        re.I,
    ),
    # March 5, 2024 and Sat May 16 09:00:57 2020, with time and zone before the year
    re.compile(r"(?P<n>[^\W\d_]{3,12})[\s.]{1,3}(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s{1,3}(?P<y>\d{4})(?!\d)", re.I),
    re.compile(
        r"(?P<n>[^\W\d_]{3,12})\s{1,3}(?P<d>\d{1,2})\s{1,3}(?=\d{1,2}:\d{2})[\d:.]{4,15}\s{1,3}(?:[A-Z]{1,5}\s)?(?P<y>\d{4})(?!\d)",
        re.I,
    ),
    # 5.3.2024 has the day first in every country
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})(?!\d)"),
)
_IN_DOUBT = re.compile(r"(?<!\d)(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?!\d)")
_TIME = re.compile(r"(?<![\d:])(\d{1,2})\s?(?::|点|點|时|時|시)\s?(\d{2})?(?:\s?[:分분]\s?(\d{2})?(?:[.,]\d{1,9})?秒?)?(?![\d:])")
_TIGHT_TIME = re.compile(r"T(\d{2})(\d{2})(\d{2})?")
_AFTERNOON = re.compile(r"(?<![a-z])p\.?m\.?(?![a-z])|下午|晚上|午後|오후", re.IGNORECASE)
_MORNING = re.compile(r"(?<![a-z])a\.?m\.?(?![a-z])|上午|早上|凌晨|午前|오전", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?(?!\d)")
_NAMES = re.compile(r"[A-Za-z]{1,4}")


def moment(text: str) -> float | None:
    """Return seconds since 1970; None for text that is no date, is ambiguous, or lies outside 1900 to 2100.

    None also for second 0 of 1970, which programs write for a missing date.
    """
    given = text[:_LENGTH].strip()
    if (common := _COMMON.fullmatch(given)) and (seconds := _common(common)) is not None:
        return seconds or None
    given = re.sub(r"\([^()]*\)", " ", unicodedata.normalize("NFKC", text[:_LENGTH])).strip()
    if unix := _UNIX.fullmatch(given):
        return float(given) if unix[1] else float(unix[2]) / 1000.0
    found = next(_dates(given), None)
    if found is None:
        return None
    day, rest = found
    return (day + _time_of(rest)).timestamp() or None


def _common(found: re.Match[str]) -> float | None:
    """Return seconds since 1970; None for a day or time that needs the closer look of the other patterns."""
    day, name, year, hours, minutes, seconds, sign, away_hours, away_minutes = found.groups()
    away = int(away_hours or 0) * 3600 + int(away_minutes or 0) * 60
    if not FIRST_YEAR <= int(year) <= LAST_YEAR or away > 14 * 3600 or int(away_minutes or 0) > 59:
        return None
    try:
        clock = datetime(int(year), _MONTH_OF[name.lower()], int(day), int(hours), int(minutes), int(seconds), tzinfo=UTC)
    except ValueError:
        return None
    return clock.timestamp() + (away if sign == "-" else -away)


def _dates(text: str) -> Iterator[tuple[datetime, str]]:
    """Yield (the day, the text around it) for each pattern that matches."""
    for form in _DAYS:
        if found := form.search(text):
            parts = found.groupdict()
            month = int(parts["m"]) if parts.get("m") else _month(parts["n"])
            day = _day(_year(parts["y"]), month, int(parts["d"]))
            if day is None:
                continue
            # The time may lie inside the match.
            inner = re.sub(r"\d{4}$", " ", found[0]) if ":" in found[0] else " "
            yield day, f"{text[: found.start()]} {inner} {text[found.end() :]}"
    if found := _IN_DOUBT.search(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if first > 12 or second > 12 or first == second:
            day = _day(year, min(first, second) if first != second else first, max(first, second))
            if day is not None:
                yield day, text[: found.start()] + " " + text[found.end() :]


def _month(name: str) -> int:
    lowered = name.lower()
    return next((_MONTH_OF[lowered[:size]] for size in (5, 4, 3) if lowered[:size] in _MONTH_OF), 0)


def _year(text: str) -> int:
    """Return the year; two digits are read as in RFC 2822."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 50 else 1900)


def _day(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime(year, month, day, tzinfo=UTC) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def _time_of(text: str) -> timedelta:
    """Return the span from midnight UTC of the named day to the stated time in its zone; 0 without a time."""
    found = _TIME.search(text) or _TIGHT_TIME.search(text)
    if not found:
        return timedelta(0)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if _AFTERNOON.search(text) and hours < 12:
        hours += 12
    elif _MORNING.search(text) and hours == 12:
        hours = 0
    if hours > 24 or minutes > 59 or seconds > 60 or (hours == 24 and minutes + seconds):
        return timedelta(0)
    return timedelta(hours=hours, minutes=minutes, seconds=min(seconds, 59)) - _zone(text[found.end() :])


def _zone(text: str) -> timedelta:
    if found := _OFFSET.search(text):
        hours, minutes = int(found[2]), int(found[3] or 0)
        if hours <= 14 and minutes <= 59:
            away = timedelta(hours=hours, minutes=minutes)
            return -away if found[1] == "-" else away
        return timedelta(0)
    named = (_ZONES.get(name.lower()) for name in _NAMES.findall(text))
    return timedelta(hours=next((hours for hours in named if hours is not None), 0.0))
