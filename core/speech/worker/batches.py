"""The results of decoding one batch of chunks, and the speech that it refused to transcribe."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.domain.transcripts.spoken import Why
from core.speech.audio.spans import Span
from core.speech.text.sentences import HeardPiece


@dataclass(frozen=True, slots=True)
class RefusedSpan:
    """Speech without words, in samples of the stretch, and the reason."""

    span: Span
    why: Why


@dataclass(frozen=True, slots=True)
class Batch:
    """The results of one batch. All speech before sample `position` of the stretch is settled; `language` is the one spoken
    there, None until somebody has spoken.
    """

    position: int
    language: str | None
    heard: tuple[HeardPiece, ...]
    refused: tuple[RefusedSpan, ...] = ()

    def moved(self, by: int) -> Batch:
        """Return the same batch for a track that begins `by` samples earlier."""
        refused = tuple(RefusedSpan((r.span[0] + by, r.span[1] + by), r.why) for r in self.refused)
        return replace(self, position=self.position + by, refused=refused)
