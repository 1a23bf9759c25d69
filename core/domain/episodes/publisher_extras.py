"""Extras of an episode besides its audio: the publisher's chapters and transcripts, and chapters inside the file.

feed ─▶ Offer (an address) ─fetched─▶ Outcome: chapters, a transcript, or the reason for neither
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.domain.transcripts.transcript import Segment

# The richest format comes first; HTML seldom has times.
_PREFERRED = ("json", "vtt", "srt", "subrip", "html")


class ExtraKind(StrEnum):
    CHAPTERS = "chapters"
    TRANSCRIPT = "transcript"


class Origin(StrEnum):
    """Where chapters or a transcript come from. `notes` are ours."""

    PUBLISHER = "publisher"
    FILE = "file"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Offer:
    """An address that a feed names for an episode; its content is unknown."""

    kind: ExtraKind
    url: str
    media_type: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SuppliedChapter:
    """`start` is seconds, `link` and `picture` are http or https addresses."""

    title: str
    start: float
    link: str | None = None
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Chapters:
    items: tuple[SuppliedChapter, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"items": [asdict(c) for c in self.items]}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Chapters:
        return cls(tuple(SuppliedChapter(**c) for c in row["items"]))


@dataclass(frozen=True, slots=True)
class SuppliedTranscript:
    """Segments in order; `timed` is False when the document names no times, and all stand at 0."""

    segments: tuple[Segment, ...]
    language: str | None = None
    timed: bool = True

    def to_dict(self) -> dict[str, Any]:
        return {"segments": [s.to_dict() for s in self.segments], "language": self.language, "timed": self.timed}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> SuppliedTranscript:
        return cls(tuple(Segment.from_dict(s) for s in row["segments"]), row.get("language"), bool(row.get("timed", True)))


Document = Chapters | SuppliedTranscript


@dataclass(frozen=True, slots=True)
class OfferOutcome:
    """The result of fetching an offer: a document, or `error`, a sentence that says why there is none."""

    offer: Offer
    document: Document | None = None
    error: str | None = None


def in_order(offers: Iterable[Offer], language: str | None) -> list[Offer]:
    """Return the offers in the order in which to try them: the spoken language first, then the richest format."""

    def worth(offer: Offer) -> tuple[bool, bool, int]:
        kind = (offer.media_type or offer.url).lower()
        form = next((n for n, name in enumerate(_PREFERRED) if name in kind), len(_PREFERRED))
        other = bool(language and offer.language and offer.language.split("-")[0].lower() != language.split("-")[0].lower())
        return offer.kind is not ExtraKind.CHAPTERS, other, form

    return sorted(offers, key=worth)
