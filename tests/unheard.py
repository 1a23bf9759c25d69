"""A transcript as a model would have left it that heard nothing at some place."""

from __future__ import annotations

from dataclasses import replace

from core.domain.transcripts.spoken import Fate, Spoken, Why
from core.domain.transcripts.transcript import Segment, Transcript


def without(transcript: Transcript, *ids: int) -> tuple[Transcript, list[Segment]]:
    """The transcript without some of its segments, whose time is unclear then; and those segments."""
    lost = [s for s in transcript.segments if s.id in ids]
    left = tuple(replace(s, id=i) for i, s in enumerate(s for s in transcript.segments if s.id not in ids))
    heard = [Spoken(s.start, s.end, Fate.HEARD) for s in left]
    spoken = sorted([*heard, *(Spoken(s.start, s.end, Fate.UNCLEAR, Why.NO_WORDS) for s in lost)], key=lambda s: s.start)
    return replace(transcript, segments=left, spoken=tuple(spoken)), lost
