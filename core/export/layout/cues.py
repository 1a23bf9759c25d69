"""Format clock times, and one line of clean text, for all text formats."""

from __future__ import annotations

import unicodedata


def clock(seconds: float, mark: str = ".") -> str:
    """Return `01:02:03.450`: hours always, milliseconds after `mark`."""
    milliseconds = max(0, round(seconds * 1000))
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{mark}{rest % 1000:03}"


def stamp(seconds: float) -> str:
    """Return `02:03`, or `1:02:03` from an hour on: for people."""
    total = max(0, int(seconds))
    hours, rest = divmod(total, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60:02}:{rest % 60:02}"


def cue_times(start: float, end: float, mark: str = ".") -> str:
    """Return `start --> end`."""
    return f"{clock(start, mark)} --> {clock(end, mark)}"


def one_line(text: str) -> str:
    """Return the text on one line, without control characters and half surrogates; white space collapsed."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if not "\ud800" <= c <= "\udfff")
    return " ".join(kept.split())
