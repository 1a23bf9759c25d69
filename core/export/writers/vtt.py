"""Write WebVTT (https://www.w3.org/TR/webvtt1/): cues with running numbers, the speaker as a voice tag."""

from __future__ import annotations

import re

from core.domain.transcripts.transcript import Transcript
from core.export.layout.captions import Cue, captions
from core.export.layout.cues import cue_times

_MARKUP = re.compile("[<>&]")


def vtt(transcript: Transcript) -> str:
    """Return the transcript as WebVTT. Segments without text are left out; with none at all it is an empty, valid file."""
    cues = [_cue(number, cue) for number, cue in enumerate(captions(transcript.segments), 1)]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cue(number: int, cue: Cue) -> str:
    return f"{number}\n{cue_times(cue.start / 1000, cue.end / 1000)}\n{_lines(cue)}"


def _lines(cue: Cue) -> str:
    """Return text in voice tags: one tag a cue, or, where two speak, one a line."""
    first = cue.lines[0].speaker
    if all(line.speaker == first for line in cue.lines):
        return _voice(first) + "\n".join(_escape(line.text) for line in cue.lines)
    return "\n".join(_voice(line.speaker) + _escape(line.text) + ("</v>" if line.speaker else "") for line in cue.lines)


def _voice(speaker: str | None) -> str:
    # Not every player reads entities inside a tag.
    name = _MARKUP.sub("", speaker or "").strip()
    return f"<v {name}>" if name else ""


def _escape(text: str) -> str:
    """Escape `&`, `<` and `>` as entities; so no text can hold an arrow or a tag."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
