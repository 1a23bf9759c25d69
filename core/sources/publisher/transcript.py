"""Parse the publisher's transcript, the target of `podcast:transcript`, in the four formats that podcasts use.

    bytes ─▶ text ─▶ transcript_formats: lines ─▶ speakers believed ─▶ in order ─▶ joined to sentences ─▶ segments

The content decides the format, the stated type only in doubt. All markup is removed. Untrusted bytes are parsed in a confined
process (`document_worker`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from core.domain.episodes.publisher_extras import SuppliedTranscript
from core.domain.transcripts.transcript import Segment, join_text
from core.errors import UserError
from core.sources.encodings import text_of
from core.sources.publisher.labels import is_label
from core.sources.publisher.speakers import believed
from core.sources.publisher.transcript_formats import TranscriptLine, lines

MOST_LINES = 100_000
# Characters of the whole text: a hundred hours of speech.
MOST_TEXT = 6_000_000
# Captions are split for the screen: join lines up to the end of a sentence, but not beyond these limits.
SENTENCE_SECONDS = 20.0
SENTENCE_LENGTH = 300
_ENDS = re.compile(r"[.!?。！？…][\"'”’)）」』]*$")
_ASIDE = re.compile(r"[\[(（【♪].{0,200}[\])）】♪]$")


def parse(
    body: bytes, media_type: str | None = None, language: str | None = None, people: Collection[str] = ()
) -> SuppliedTranscript:
    """Parse a transcript. `people`: the episode's people. Raises UserError if no text can be read as a transcript."""
    stated = (media_type or "").lower()
    found = list(_bounded(lines(text_of(body, stated), stated)))
    if not found:
        raise UserError("The publisher's transcript is in no form that can be read. It is left out.")
    timed = any(line.start > 0 or line.end for line in found)
    spoken = list(_named(found, people, timed))
    ordered = sorted(spoken, key=lambda line: line.start) if timed else spoken
    joined = list(_joined(ordered) if timed else ordered)
    segments = tuple(_segment(n, line, joined[n + 1] if n + 1 < len(joined) else None) for n, line in enumerate(joined))
    return SuppliedTranscript(segments, language, timed)


def _bounded(found: Iterable[TranscriptLine]) -> Iterator[TranscriptLine]:
    """Yield the lines with text, up to MOST_LINES and MOST_TEXT."""
    length = 0
    for number, line in enumerate(found):
        length += len(line.text)
        if number >= MOST_LINES or length > MOST_TEXT:
            return
        if line.text:
            yield line


def _named(found: list[TranscriptLine], people: Collection[str], timed: bool) -> Iterator[TranscriptLine]:
    """Yield the lines with the believed speakers; other names stay in the text."""
    guesses = [line.guessed for line in found if line.guessed]
    names = believed(guesses, people)
    # In a text without times, if each paragraph has a name and they differ, it is written as a conversation.
    all_named = all(line.guessed or _ASIDE.match(line.text) for line in found)
    if not timed and all_named and len({g.name for g in guesses}) > 1 and not any(is_label(g.name) for g in guesses):
        names = {g.name for g in guesses}
    for line in found:
        if line.guessed and line.guessed.name in names:
            yield replace(line, text=line.guessed.words, speaker=line.guessed.name)
        else:
            yield replace(line, turn=line.turn and line.guessed is None)


# --- lines to segments ----------------------------------------------------------------------------


def _joined(found: Iterable[TranscriptLine]) -> Iterator[TranscriptLine]:
    """Join one speaker's lines until a sentence ends."""
    kept: TranscriptLine | None = None
    for line in found:
        if kept is None:
            kept = line
        elif _goes_on(kept, line):
            kept = replace(kept, end=line.end, text=join_text((kept.text, line.text)))
        else:
            yield kept
            kept = line
    if kept is not None:
        yield kept


def _goes_on(kept: TranscriptLine, line: TranscriptLine) -> bool:
    if (line.turn and line.speaker is None) or _ENDS.search(kept.text) or kept.end is None or line.end is None:
        return False
    # The rest of a split sentence belongs to its first speaker; otherwise a line without a speaker is not given one.
    if kept.speaker != line.speaker and not (line.speaker is None and line.text[0].islower()):
        return False
    near = line.start - kept.end < 2.0
    return near and line.end - kept.start <= SENTENCE_SECONDS and len(kept.text) + len(line.text) <= SENTENCE_LENGTH


def _segment(number: int, line: TranscriptLine, following: TranscriptLine | None) -> Segment:
    until = following.start if following else (line.end if line.end is not None else line.start)
    end = line.end if line.end is not None else until
    # Captions may overlap by a moment; segments do not.
    end = max(min(end, until) if following and following.start > line.start else end, line.start)
    return Segment(number, round(line.start, 3), round(end, 3), line.text, line.speaker)
