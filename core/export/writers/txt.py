"""Write plain text: a line a segment, with the speaker where one is known."""

from __future__ import annotations

from core.domain.transcripts.transcript import Transcript
from core.export.layout.cues import one_line


def txt(transcript: Transcript) -> str:
    """Return the words alone, a line a segment; "" when nobody speaks."""
    lines = [(f"{one_line(s.speaker)}: " if s.speaker else "") + one_line(s.text) for s in transcript.segments]
    return "".join(line + "\n" for line in lines if line)
