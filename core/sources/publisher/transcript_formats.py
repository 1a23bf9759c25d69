"""Parse the formats of publishers' transcripts, each in one pass.

    text ─┬─ WebVTT, SubRip  times, `<v Speaker>` or `Speaker: text`, several voices in a cue ─┐
          ├─ JSON            segments with speaker and times                                  ├─▶ TranscriptLines
          ├─ HTML            <cite>, <time>, <p>; else as plain text                          │
          └─ plain           `Speaker: text`, a paragraph each, or stamped_text               ┘

Parsing takes time in proportion to the length of any text: no place is searched twice. A speaker that the format marks is
certain; `Name: ` before the words is a guess, which `speakers` decides on.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from core.domain.episodes.html_blocks import BLOCKS, HEADINGS, KEPT
from core.sources.markup import MarkupTag, pieces, without_tags
from core.sources.publisher import stamped_text
from core.sources.publisher.speakers import Guess, guess
from core.sources.sanitize import bare_line

LINE_LENGTH = 5_000
NAME_LENGTH = 100
# Characters read of a cue or paragraph at most, markup included.
_RAW_LENGTH = 20 * LINE_LENGTH
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?"
_CUE = re.compile(rf"[ \t]*+{_TIME}[ \t]*+-->[ \t]*+{_TIME}")
_CUE_BEGINS = re.compile(rf"^[ \t]*+{_TIME}[ \t]*+-->", re.MULTILINE)
_AT = _CLOCK = re.compile(_TIME)
_MARKED = re.compile(r"<(?:cite|time)\b", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)
_ENDS_PARAGRAPH = KEPT | BLOCKS | HEADINGS.keys() | {"hr"}
# Recognises broken JSON, which is no plain text; `[Music]` is plain text.
_JSON = re.compile(r"[\[{]\s{0,50}(?:\"|[\[{]\s{0,50}[\"\[{])")
_TURN = re.compile(r"\s*+(?:[-\u2010-\u2015\u2212]|>{2,}|\u00bb)\s*+(?=\S)")
_SURE_TURN = re.compile(r"\s*+(?:[-\u2010-\u2015\u2212]\s+|>{2,}\s*+)(?=\S)")
# Position and style codes that subtitle editors write into SubRip: `{\\an8}`.
_STYLE = re.compile(r"\{\\[^{}\n]{0,200}\}")
_APART = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """A line of a transcript. `end`: None if not given; `turn`: the speaker changes here, named or not."""

    start: float
    end: float | None
    text: str
    speaker: str | None = None
    guessed: Guess | None = None
    turn: bool = False


def lines(text: str, media_type: str) -> Iterator[TranscriptLine]:
    head = text.lstrip()[:200]
    if head.startswith(("{", "[")):
        try:
            return _json(json.loads(text))
        except (ValueError, RecursionError):
            if _JSON.match(head):
                return iter(())
    if head.lower().startswith("webvtt") or _CUE_BEGINS.search(text[:20_000]):
        return _cues(text, marked_up=head.lower().startswith("webvtt"))
    if head.startswith("<") or "html" in media_type.partition(";")[0]:
        return _html(text)
    return _plain(text)


# --- cues -----------------------------------------------------------------------------------------


def _cues(text: str, *, marked_up: bool) -> Iterator[TranscriptLine]:
    """Yield the lines of cues. `marked_up`: WebVTT, where an empty line ends a cue.

    Some SubRip files have no empty lines, others have them inside a cue.
    """
    times: re.Match[str] | None = None
    rows: list[str] = []
    numbered: bool | None = None
    for row in io.StringIO(text, newline="\n"):
        found = _CUE.match(row) if "-->" in row else None
        if not found:
            rows.append(row.rstrip("\n"))
            continue
        if numbered is None:
            numbered = bool(rows) and rows[-1].strip().isdecimal()
        if rows and _names_next(rows, numbered):
            rows.pop()
        if times:
            yield from _cue(times, rows, marked_up)
        times, rows = found, []
    if times:
        yield from _cue(times, rows, marked_up)


def _names_next(rows: list[str], numbered: bool) -> bool:
    """Return whether the last row is the number or name of the following cue."""
    last = rows[-1].strip()
    return bool(last) and ((numbered and last.isdecimal()) or (len(rows) > 1 and not rows[-2].strip()))


def _cue(times: re.Match[str], rows: list[str], marked_up: bool) -> Iterator[TranscriptLine]:
    start, end = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
    if marked_up:
        rows = list(itertools.takewhile(lambda row: row.strip(), rows))
    words = _STYLE.sub("", _cut("\n".join(row for row in rows if row.strip())))
    spoken = [line for speaker, voiced in _voices(words) for line in _turns(without_tags(voiced), speaker)]
    spoken = [line for line in spoken if line.text]
    # Split a cue's time between several voices by the length of their text.
    whole, said = sum(len(line.text) for line in spoken), 0
    for number, line in enumerate(spoken):
        begins = start + (end - start) * said / whole
        said += len(line.text)
        ends = end if number + 1 == len(spoken) else start + (end - start) * said / whole
        yield TranscriptLine(begins, ends, line.text, line.speaker, line.guessed, line.turn or number > 0)


def _voices(words: str) -> Iterator[tuple[str | None, str]]:
    """Yield (speaker, text) for each part of a cue; a `<v>` tag names the speaker."""
    if "<v" not in words.lower():
        yield None, words
        return
    speaker: str | None = None
    held: list[str] = []
    for piece in pieces(words):
        if isinstance(piece, str):
            held.append(piece)
        elif piece.name.partition(".")[0] == "v":
            yield speaker, "".join(held)
            speaker, held = (None if piece.closes else piece.rest or None), []
        elif piece.name == "br":
            held.append("\n")
    yield speaker, "".join(held)


def _turns(words: str, speaker: str | None) -> Iterator[TranscriptLine]:
    """Yield a line per speaker: rows that begin with a dash change the speaker."""
    rows = words.split("\n")
    dashes = [bool(_TURN.match(row)) for row in rows]
    several = sum(dashes) > 1
    if not several:
        dashes = [n == 0 and bool(_SURE_TURN.match(row)) for n, row in enumerate(rows)]
    held: list[str] = []
    turn = False
    for row, begins in zip(rows, dashes, strict=True):
        if begins and held:
            yield _line(0.0, None, " ".join(held), speaker, turn)
            held = []
        turn = turn or begins
        held.append(_TURN.sub("", row, count=1) if begins else row)
    yield _line(0.0, None, " ".join(held), speaker, turn)


# --- the other formats ----------------------------------------------------------------------------


def _json(document: Any) -> Iterator[TranscriptLine]:
    rows = document.get("segments") if isinstance(document, dict) else document
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            start = _number(row.get("startTime", row.get("start")))
            end = _number(row.get("endTime", row.get("end")))
            words, speaker = row.get("body", row.get("text")), row.get("speaker")
            name = _name(speaker) if isinstance(speaker, str) else None
            text = without_tags(_cut(words)) if isinstance(words, str) else ""
            yield TranscriptLine(start or 0.0, end, bare_line(_plainly(text), LINE_LENGTH), name)


def _html(text: str) -> Iterator[TranscriptLine]:
    """Parse `<cite>Speaker:</cite> <time>1:02</time> <p>text</p>`; each lasts until the next of its kind, closed or not.

    A page without <cite> and <time> is read as plain text in paragraphs.
    """
    if not _MARKED.search(text):
        yield from _plain(_paragraphs(text))
        return
    speaker, at = None, 0.0
    held: dict[str, list[str]] = {}
    for piece in itertools.chain(pieces(text), (MarkupTag("p", closes=True),)):
        if isinstance(piece, str):
            if held:
                held[next(reversed(held))].append(piece)
            continue
        if piece.name not in ("cite", "time", "p"):
            if held and piece.name == "br":
                held[next(reversed(held))].append(" ")
            continue
        for name in [piece.name] if piece.closes else [piece.name, "cite", "time"]:
            parts = held.pop(name, None)
            if not parts:
                continue
            inner = without_tags(_cut("".join(parts)))
            if name == "p" and inner.strip():
                yield TranscriptLine(at, None, bare_line(_plainly(inner), LINE_LENGTH), speaker)
            elif name == "cite" and inner.strip():
                speaker = _name(inner.strip().rstrip(":："))
            elif name == "time" and (found := _AT.search(inner[:100])):
                at = _seconds(found.groups())
        if not piece.closes:
            held[piece.name] = []


def _paragraphs(text: str) -> str:
    """Return the body as plain text: block tags become line ends; entities stay as they are."""
    begins = _BODY.search(text)
    rows = []
    for piece in pieces(text[begins.end() :] if begins else text):
        if isinstance(piece, str):
            rows.append(" ".join(piece.split("\n")))
        elif piece.name == "br":
            rows.append("\n")
        elif piece.name in _ENDS_PARAGRAPH:
            rows.append("\n\n")
    # Without a single complete block tag it is truncated markup, and no page.
    return "".join(rows) if any(row.startswith("\n") for row in rows) else ""


def _plain(text: str) -> Iterator[TranscriptLine]:
    if found := stamped_text.read(text):
        for said in found:
            for line in _turns(without_tags(_cut(said.words)), said.speaker):
                yield replace(line, start=said.start)
        return
    held: list[str] = []
    for row in itertools.chain(io.StringIO(text, newline="\n"), ("",)):
        if row.strip():
            held.append(row)
        elif held:
            yield from _turns(without_tags(_cut("".join(held))).rstrip("\n"), None)
            held = []


def _line(start: float, end: float | None, text: str, speaker: str | None, turn: bool = False) -> TranscriptLine:
    text = bare_line(_plainly(text), LINE_LENGTH)
    named = guess(text) if speaker is None else None
    return TranscriptLine(start, end, text, _name(speaker) if speaker else None, named, turn or bool(named))


def _cut(text: str) -> str:
    """Cut the text to _RAW_LENGTH characters, but not within a tag."""
    if len(text) <= _RAW_LENGTH:
        return text
    text = text[:_RAW_LENGTH]
    return text[: text.rfind("<")] if text.rfind("<") > text.rfind(">") else text


def _name(text: str) -> str | None:
    return bare_line(_plainly(without_tags(text[: 20 * NAME_LENGTH])), NAME_LENGTH) or None


def _plainly(text: str) -> str:
    """Remove markup that appears after the first decoding, as in text that was escaped twice."""
    return without_tags(text) if "<" in text or "&" in text else text


def _seconds(groups: Iterable[str | None]) -> float:
    hours, minutes, seconds, fraction = groups
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction or 0}")


def _number(value: Any) -> float | None:
    if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip()[:40])):
        return _seconds(clock.groups())
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None
