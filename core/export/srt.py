"""SubRip: a numbered cue a segment. The format has no escapes, so what players would take for markup is replaced."""

from __future__ import annotations

import re

from core.domain.transcript import Segment, Transcript
from core.export.cues import cue_times, one_line, wrap

_TAG = re.compile(r"<([A-Za-z/][^<>]*)>")
_OPEN_TAG = re.compile(r"<(?=[A-Za-z/])")


def srt(transcript: Transcript) -> str:
    """The transcript as SubRip; "" when nobody speaks."""
    spoken = [s for s in transcript.segments if one_line(s.text)]
    return "\n".join(_cue(number, segment) for number, segment in enumerate(spoken, 1))


def _cue(number: int, segment: Segment) -> str:
    speaker = f"{one_line(segment.speaker)}: " if segment.speaker else ""
    text = wrap(_without_markup(speaker + one_line(segment.text)))
    return f"{number}\n{cue_times(segment.start, segment.end, ',')}\n{text}\n"


def _without_markup(text: str) -> str:
    """An arrow would be read as times, `<i>` and `{\\an8}` as styles."""
    plain = text.replace("-->", "→").replace("{\\", "{ \\")
    return _OPEN_TAG.sub("‹", _TAG.sub(r"‹\1›", plain))
