"""Write SubRip: cues with running numbers. The format has no escapes, so text that players would take for markup is replaced."""

from __future__ import annotations

import re

from core.domain.transcripts.transcript import Transcript
from core.export.layout.captions import Cue, captions
from core.export.layout.cues import cue_times

_TAG = re.compile(r"<([A-Za-z/][^<>]*)>")
_OPEN_TAG = re.compile(r"<(?=[A-Za-z/])")


def srt(transcript: Transcript) -> str:
    """Return the transcript as SubRip; "" when nobody speaks. A speaker's name stands where the speaker changes."""
    return "\n".join(_cue(number, cue) for number, cue in enumerate(captions(transcript.segments, labels=True), 1))


def _cue(number: int, cue: Cue) -> str:
    text = "\n".join(_without_markup(line.text) for line in cue.lines)
    return f"{number}\n{cue_times(cue.start / 1000, cue.end / 1000, ',')}\n{text}\n"


def _without_markup(text: str) -> str:
    """Replace markup: an arrow would be read as times, `<i>` and `{\\an8}` as styles. No replacement is longer: lines fit."""
    plain = text.replace("-->", "→").replace("{\\", "(\\")
    return _OPEN_TAG.sub("‹", _TAG.sub(r"‹\1›", plain))
