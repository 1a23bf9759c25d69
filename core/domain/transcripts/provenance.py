"""Whose transcript an episode has, and the evidence: the decision of `core.domain.transcripts.publisher_match`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

# The name of the engine of a transcript that the publisher wrote.
PUBLISHER = "publisher"


class Misfit(StrEnum):
    """Why a publisher's transcript was not used."""

    UNTIMED = "untimed"
    COARSE = "coarse"
    EMPTY = "empty"
    SHORT = "short"
    LENGTH = "length"
    GAP = "gap"
    SILENT = "silent"
    LANGUAGE = "language"
    WORDS = "words"
    SHIFTED = "shifted"


@dataclass(frozen=True, slots=True)
class CheckedPlace:
    """A span [start, end) of the audio, in seconds, that speech recognition heard. `share` (0 to 1) of the words stand in the
    publisher's text there; `shift` is by how many seconds the audio is behind the text."""

    start: float
    end: float
    share: float
    shift: float = 0.0
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """The publisher's transcript was checked. `misfit` is None when the episode uses it."""

    misfit: Misfit | None = None
    places: tuple[CheckedPlace, ...] = ()
    shift: float = 0.0

    @property
    def used(self) -> bool:
        return self.misfit is None

    @property
    def differing(self) -> int:
        return sum(not place.fits for place in self.places)

    def to_dict(self) -> dict[str, Any]:
        return {
            "used": self.used,
            "reason": self.misfit.value if self.misfit else None,
            "shift": self.shift,
            "places": [asdict(place) for place in self.places],
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Checked:
        reason = row.get("reason")
        return cls(
            Misfit(reason) if reason else None, tuple(CheckedPlace(**p) for p in row["places"]), float(row.get("shift") or 0.0)
        )
