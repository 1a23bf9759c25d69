"""WebVTT (https://www.w3.org/TR/webvtt1/): a cue a segment, the speaker as a voice tag."""

from __future__ import annotations

import re

from core.domain.transcript import Segment, Transcript
from core.export.cues import cue_times, one_line, wrap

_MARKUP = re.compile("[<>&]")


def vtt(transcript: Transcript) -> str:
    """The transcript as WebVTT. Segments without text are left out; with none at all it is an empty, valid file."""
    cues = [_cue(s) for s in transcript.segments if one_line(s.text)]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cue(segment: Segment) -> str:
    # Wrapped before it is escaped, so that an entity counts as the one character that it stands for.
    text = _escape(wrap(one_line(segment.text)))
    # Not every player reads entities inside a tag.
    voice = f"<v {_MARKUP.sub('', one_line(segment.speaker))}>" if segment.speaker else ""
    return f"{segment.id + 1}\n{cue_times(segment.start, segment.end)}\n{voice}{text}"


def _escape(text: str) -> str:
    """`&`, `<` and `>` as entities; so no text can hold an arrow or a tag."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
