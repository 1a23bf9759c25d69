"""What a file says of itself: title, artist, album, date, description. Pure; the probe's child process reads the containers.

    tags of any container, bytes that are no UTF-8 as surrogates ─▶ mended ─▶ one printable line each ─▶ {title, author, …}

Old Chinese files keep GBK bytes in fields that are meant for Latin letters. They are read as GBK only where no Western text can
be meant: four such bytes in a row, all of which are Chinese then, most of them of everyday use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from core.domain.shortening import shortened

LINE_LENGTH = 300
TEXT_LENGTH = 4000
# Names of each fact in ID3, MP4, Vorbis comments, Matroska, RIFF and BEXT, as ffmpeg gives them; the first with a value counts.
_TITLE = ("title", "title-eng", "\u00a9nam")
_AUTHOR = ("artist", "album_artist", "author", "performer", "composer", "originator", "publisher")
_ALBUM = ("album", "show", "podcast", "grouping")
_ABOUT = ("description", "synopsis", "ldes", "comment", "summary", "subtitle")
_DATE = (
    "date_released", "tdrl", "release_date", "date", "date_recorded", "tdrc", "com.apple.quicktime.creationdate", "creation_time",
    "origination_date",
)  # fmt: skip
_DAY = re.compile(r"(\d{4})[-./:](\d{1,2})[-./:](\d{1,2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})$")
# Clocks of devices that were never set begin here.
_UNSET = ("1904-01-01", "1970-01-01", "1980-01-01", "2000-01-01")
_OLDEST = 1900
_HIGH_RUN = re.compile("[\x80-\xff]{4,}")
_COMMON = range(0xB0, 0xD8)
_MOSTLY = 0.7


def read(tags: Mapping[str, str], *, now: float) -> dict[str, str | float | None]:
    """Return `{title, author, album, about, dated_at}`: lines and a text, None where there is none; Unix seconds.

    A date without a time of day is noon in UTC, which is the same day nearly everywhere. A year alone is no date, nor is a time
    after `now`.
    """
    lowered = {name.lower(): value for name, value in tags.items()}
    return {
        "title": line(_first(lowered, _TITLE)),
        "author": line(_first(lowered, _AUTHOR)),
        "album": line(_first(lowered, _ALBUM)),
        "about": text(_first(lowered, _ABOUT)),
        "dated_at": next((moment for name in _DATE if (moment := dated(lowered.get(name, ""), now=now)) is not None), None),
    }


def _first(tags: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := tags.get(name, "")) and line(value)), "")


def line(value: str) -> str | None:
    """Return one printable line of at most LINE_LENGTH characters; None if nothing is left."""
    found = " ".join(_printable(mended(value[: 20 * LINE_LENGTH])).split())
    return shortened(found, LINE_LENGTH) if found else None


def text(value: str) -> str | None:
    """Return printable lines of at most TEXT_LENGTH characters in all; None if nothing is left."""
    lines = (" ".join(_printable(each).split()) for each in mended(value[: 2 * TEXT_LENGTH]).splitlines())
    found = "\n".join(each for each in lines if each)
    return shortened(found, TEXT_LENGTH) if found else None


def dated(value: str, *, now: float) -> float | None:
    """Return the Unix seconds of a day, or of a moment of it; None for anything else."""
    given = unicodedata.normalize("NFKC", value[:64]).strip()
    if compact := _COMPACT_DAY.match(given):
        given = "-".join(compact.groups())
    found = _DAY.match(given)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in found.groups()[:6])
    zone = (found[7] or "Z").replace("Z", "+00:00")
    zone = zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    clock = f"{hour:02}:{minute:02}:{second:02}" if found[4] else "12:00:00"
    try:
        moment = datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T{clock}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if year < _OLDEST or moment.date().isoformat() in _UNSET or moment.timestamp() > now + 86_400:
        return None
    return moment.timestamp()


def _printable(value: str) -> str:
    # Formatting characters could turn the reading direction of what stands behind them.
    return "".join(c if c == "\u200d" or not unicodedata.category(c).startswith("C") else " " for c in value)


# --- wrong encodings ----------------------------------------------------------------------------------


def mended(value: str) -> str:
    """Return the text that was meant: UTF-8 or GBK that was taken for Latin letters, or that is here as surrogates."""
    if value.isascii():
        return value
    try:
        raw = value.encode("latin-1") if max(value) < "\u0100" else value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode("utf-8")
    is_raw = any("\udc80" <= c <= "\udcff" for c in value)
    if not is_raw and max(value) >= "\u0100":
        return value
    return _utf8(raw) or _gbk(raw) or (raw.decode("cp1252", "replace") if is_raw else value)


def _utf8(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _gbk(raw: bytes) -> str | None:
    latin = raw.decode("latin-1")
    try:
        found = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    others = [c for c in found if not c.isascii()]
    han = [c for c in others if "\u4e00" <= c <= "\u9fff"]
    if not _HIGH_RUN.search(latin) or any(not _chinese(c) for c in others) or len(han) < 2:
        return None
    common = sum(c.encode("gb18030")[0] in _COMMON for c in han)
    return found if common >= _MOSTLY * len(han) else None


def _chinese(c: str) -> bool:
    """Return whether the character is one of Chinese text: Han, its punctuation, full-width forms."""
    return "\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef" or c in "“”‘’…—·×"
