"""Transcripts by the publisher: what `podcast:transcript` points to, in the four forms that podcasts use.

    bytes ─┬─ WebVTT   cue times, `<v Speaker>`     ─┐
           ├─ SubRip   cue times, `Speaker: text`    ├─▶ lines ─▶ cleaned, in order ─▶ joined to sentences ─▶ segments
           ├─ JSON     segments with speaker, times  │
           └─ HTML     <cite>, <time>, <p>          ─┘

The content decides which it is, the stated type only when that is in doubt. Text loses all markup.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.domain.supplied import SuppliedTranscript
from core.domain.transcript import Segment, join_text
from core.errors import UserError
from core.sources.clean import clean_line

MOST_LINES = 100_000
LINE_LENGTH = 5_000
NAME_LENGTH = 100
# Captions are broken for the eye: lines are joined up to the end of a sentence, but not longer than this.
SENTENCE_SECONDS = 20.0
SENTENCE_LENGTH = 300
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
_CUE = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}")
_VOICE = re.compile(r"<v(?:\.[\w.-]+)?\s+([^>]+)>", re.IGNORECASE)
_NAMED = re.compile(r"^([A-Z\u4e00-\u9fff][\w .'’·\u4e00-\u9fff-]{0,60}?)\s*[:：]\s+(?=\S)")
_ENDS = re.compile(r"[.!?。！？…][\"'”’)）」』]*$")
_HTML_PART = re.compile(r"<(cite|time|p)\b[^>]*>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Line:
    """`end` is None where the document does not say."""

    start: float
    end: float | None
    text: str
    speaker: str | None = None


def parse(body: bytes, media_type: str | None = None, language: str | None = None) -> SuppliedTranscript:
    """Raises UserError when there is no text in it that can be read as a transcript."""
    text = body.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in _take(_lines(text, (media_type or "").lower()), MOST_LINES) if line.text]
    if not lines:
        raise UserError("The publisher's transcript is in no form that can be read. It is left out.")
    timed = any(line.start > 0 or line.end for line in lines)
    ordered = sorted(lines, key=lambda line: line.start) if timed else lines
    joined = list(_joined(ordered) if timed else ordered)
    segments = tuple(_segment(n, line, joined[n + 1] if n + 1 < len(joined) else None) for n, line in enumerate(joined))
    return SuppliedTranscript(segments, language, timed)


def _lines(text: str, media_type: str) -> Iterator[_Line]:
    head = text.lstrip()[:200].lower()
    if head.startswith(("{", "[")):
        return _json(text)
    if head.startswith("webvtt") or "-->" in text[:20_000]:
        return _cues(text)
    if head.startswith("<") or "html" in media_type:
        return _html(text)
    return _plain(text)


def _take(lines: Iterable[_Line], most: int) -> Iterator[_Line]:
    for number, line in enumerate(lines):
        if number >= most:
            return
        yield line


# --- the four forms -------------------------------------------------------------------------------


def _cues(text: str) -> Iterator[_Line]:
    """WebVTT and SubRip: blocks that hold a line with two times; what stands above it in the block is a number or a name."""
    speaker: str | None = None
    for block in re.split(r"\n[ \t]*\n", text):
        rows = block.strip().split("\n")
        at = next((n for n, row in enumerate(rows[:3]) if _CUE.match(row)), None)
        if at is None:
            continue
        found = _CUE.match(rows[at])
        assert found
        words = "\n".join(rows[at + 1 :])
        voice = _VOICE.search(words)
        if voice:
            yield _line(_seconds(found.groups()[:4]), _seconds(found.groups()[4:]), words, voice[1])
            continue
        named = _NAMED.match(words)
        # Captions name a speaker where the speaker changes: the name holds until another is named.
        speaker = named[1] if named else speaker
        yield _line(_seconds(found.groups()[:4]), _seconds(found.groups()[4:]), words[named.end() :] if named else words, speaker)


def _json(text: str) -> Iterator[_Line]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    rows = document.get("segments") if isinstance(document, dict) else document
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            start = _number(row.get("startTime", row.get("start")))
            end = _number(row.get("endTime", row.get("end")))
            words = row.get("body", row.get("text"))
            yield _line(start or 0.0, end, words if isinstance(words, str) else "", row.get("speaker"))


def _html(text: str) -> Iterator[_Line]:
    """`<cite>Speaker:</cite> <time>1:02</time> <p>text</p>`, each holding until the next of its kind."""
    speaker, at = None, 0.0
    for kind, inner in _HTML_PART.findall(text):
        if kind.lower() == "p":
            yield _line(at, None, inner, speaker)
        elif kind.lower() == "cite":
            speaker = inner.strip().rstrip(":：")
        else:
            found = re.search(_TIME, inner)
            at = _seconds(found.groups()) if found else at


def _plain(text: str) -> Iterator[_Line]:
    for paragraph in re.split(r"\n\s*\n", text):
        named = _NAMED.match(paragraph.strip())
        words = paragraph.strip()
        yield _line(0.0, None, words[named.end() :] if named else words, named[1] if named else None)


# --- lines to segments ----------------------------------------------------------------------------


def _line(start: float, end: float | None, text: str, speaker: object) -> _Line:
    name = clean_line(speaker, NAME_LENGTH) if isinstance(speaker, str) else ""
    return _Line(start, end, clean_line(_VOICE.sub("", text), LINE_LENGTH), name or None)


def _joined(lines: Iterable[_Line]) -> Iterator[_Line]:
    """Lines of one speaker put together until a sentence ends."""
    kept: _Line | None = None
    for line in lines:
        if kept is None:
            kept = line
        elif _goes_on(kept, line):
            kept = _Line(kept.start, line.end, join_text((kept.text, line.text)), kept.speaker)
        else:
            yield kept
            kept = line
    if kept is not None:
        yield kept


def _goes_on(kept: _Line, line: _Line) -> bool:
    if kept.speaker != line.speaker or _ENDS.search(kept.text) or kept.end is None or line.end is None:
        return False
    near = line.start - kept.end < 2.0
    return near and line.end - kept.start <= SENTENCE_SECONDS and len(kept.text) + len(line.text) <= SENTENCE_LENGTH


def _segment(number: int, line: _Line, following: _Line | None) -> Segment:
    until = following.start if following else (line.end if line.end is not None else line.start)
    end = line.end if line.end is not None else until
    # Captions may overlap by a moment; segments do not.
    end = max(min(end, until) if following and following.start > line.start else end, line.start)
    return Segment(number, round(line.start, 3), round(end, 3), line.text, line.speaker)


def _seconds(groups: Iterable[str | None]) -> float:
    hours, minutes, seconds, fraction = groups
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction or 0}")


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None
