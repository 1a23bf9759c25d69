"""Parse an episode's stated duration, in the many notations of feeds."""

from __future__ import annotations

import re
import unicodedata

# Seconds. No recording lasts longer; a larger number counts milliseconds or bytes.
LONGEST = 14 * 86400.0
_LENGTH = 60

_NUMBER = r"(\d{1,8}(?:[.,]\d{1,6})?)"
_HOURS = r"(?:hours?|hrs?\.?|h|std\.?|stunden?|heures?|horas?|or[ae]|ч(?:ас(?:а|ов)?)?\.?|小时|小時|時間|시간)"
_MINUTES = r"(?:minutes?|mins?|mins?\.|m|minuten|minutos?|minut[oi]|мин(?:\.|ут[аы]?)?|分钟|分鐘|分|분|['’′])"
_SECONDS = r"(?:seconds?|secs?\.?|s|sekunden?|secondes?|segundos?|second[oi]|сек(?:\.|унд[аы]?)?|秒钟|秒鐘|秒|초|[\"”″]|'')"
# Between the parts: blanks, a comma, a word for "and".
_JOINT = r"[\s,]{0,3}(?:and|und|et|y|e|и)?\s{0,3}"
_WORDED = re.compile(
    rf"(?:{_NUMBER}\s{{0,3}}{_HOURS})?{_JOINT}(?:{_NUMBER}\s{{0,3}}{_MINUTES})?{_JOINT}(?:{_NUMBER}\s{{0,3}}{_SECONDS})?",
    re.IGNORECASE,
)
_HOURS_AND_DIGITS = re.compile(r"(\d{1,3})\s?h\s?(\d{2})", re.IGNORECASE)
_ISO = re.compile(rf"p(?:{_NUMBER}d)?(?:t(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?)?", re.IGNORECASE)
_CLOCK_AND_UNIT = re.compile(r"(\d{1,3}:\d{2}(?::\d{2})?)\s{0,3}(h|hrs?|hours?|m|mins?|minutes?)\.?", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")


def seconds(text: str) -> float | None:
    """Parse `H:MM:SS`, `MM:SS`, seconds, `1h 2m 3s`, `45 min`, `PT1H2M3S`, `1小时2分`; None for anything else and for zero."""
    given = unicodedata.normalize("NFKC", text[:_LENGTH]).strip()
    total = _clock(given) if re.fullmatch(r"[\d:.]*", given) else _worded(given)
    return total if total and total <= LONGEST else None


def _clock(text: str) -> float | None:
    pieces = text.split(":")
    try:
        numbers = [float(piece or 0) for piece in pieces]
    except ValueError:
        return None
    if len(numbers) > 3:
        return None
    total = 0.0
    for number in numbers:
        total = total * 60 + number
    return total


def _worded(text: str) -> float | None:
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if (found := _CLOCK_AND_UNIT.fullmatch(text)) and (found[1].count(":") == 2 or found[2][0] in "hH"):
        # `1:05 h` is hours and minutes; `1:05 min` may be either.
        return _clock(found[1] if found[1].count(":") == 2 else f"{found[1]}:0")
    if found := _HOURS_AND_DIGITS.fullmatch(text):
        return _sum(found.groups(), (3600.0, 60.0))
    if found := _ISO.fullmatch(text):
        return _sum(found.groups(), (86400.0, 3600.0, 60.0, 1.0))
    if found := _WORDED.fullmatch(text):
        return _sum(found.groups(), (3600.0, 60.0, 1.0))
    return None


def _sum(numbers: tuple[str | None, ...], units: tuple[float, ...]) -> float:
    return sum(float(number.replace(",", ".")) * unit for number, unit in zip(numbers, units, strict=True) if number)
