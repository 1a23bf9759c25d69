"""What a batch of chunks heard, and what it refused to say."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.domain.transcripts.spoken import Why
from core.speech.audio.spans import Span
from core.speech.text.sentences import HeardPiece


@dataclass(frozen=True, slots=True)
class Refused:
    """Speech that has no words, in samples of the stretch, and why."""

    span: Span
    why: Why


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch heard. All speech before sample `position` of the stretch is settled; `language` is the one spoken
    there, None while nobody has spoken."""

    position: int
    language: str | None
    heard: tuple[HeardPiece, ...]
    refused: tuple[Refused, ...] = ()

    def moved(self, by: int) -> Batch:
        """The same of a track that begins `by` samples earlier."""
        refused = tuple(Refused((r.span[0] + by, r.span[1] + by), r.why) for r in self.refused)
        return replace(self, position=self.position + by, refused=refused)
