"""What the subtitle formats share: clock times, one line of clean text, and lines that fit a screen.

segment ─► one_line (no line breaks, no control characters) ─► wrap (42 columns; a CJK character takes two)
"""

from __future__ import annotations

import re
import unicodedata

from core.domain.transcript import is_cjk

COLUMNS = 42
# A CJK character stands alone, with the punctuation that may not begin a line; anything else is a word.
_PIECE = re.compile(r"\s+|[^\s]")
_CLINGS = "，。！？；：、）】》」』”’…"


def clock(seconds: float, mark: str = ".") -> str:
    """`01:02:03.450`: hours always, milliseconds after `mark`."""
    milliseconds = max(0, round(seconds * 1000))
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{mark}{rest % 1000:03}"


def stamp(seconds: float) -> str:
    """`02:03`, or `1:02:03` from an hour on: for people."""
    total = max(0, int(seconds))
    hours, rest = divmod(total, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60:02}:{rest % 60:02}"


def cue_times(start: float, end: float, mark: str = ".") -> str:
    """`start --> end`; a cue lasts at least a millisecond, or players refuse it."""
    return f"{clock(start, mark)} --> {clock(max(end, start + 0.001), mark)}"


def one_line(text: str) -> str:
    """The text on one line, without control characters and half surrogates; white space collapsed."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if not "\ud800" <= c <= "\udfff")
    return " ".join(kept.split())


def wrap(text: str, columns: int = COLUMNS) -> str:
    """The line broken between words, and between any two CJK characters, where it would be wider than `columns`."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return "\n".join([*lines, line.rstrip()])


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for match in _PIECE.finditer(text):
        char = match[0]
        joins = bool(pieces) and not pieces[-1][-1].isspace() and not (is_cjk(char[0]) or is_cjk(pieces[-1][-1]))
        if pieces and (char.isspace() or char in _CLINGS or joins):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _width(text: str) -> int:
    return sum(2 if is_cjk(c) else 1 for c in text)
