"""Notes on an episode: every point carries a quote that code has looked for in the transcript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Point:
    """One claim with its evidence. `start` (seconds) and `segment_id` are where the quote was found, None when it was not."""

    text: str
    quote: str
    start: float | None = None
    end: float | None = None
    segment_id: int | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    start: float
    summary: str = ""
    link: str | None = None
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A name or a term, with its place in the audio when its quote was found."""

    text: str
    explanation: str = ""
    quote: str = ""
    start: float | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A task for somebody."""

    text: str
    quote: str = ""
    start: float | None = None
    verified: bool = False


T = TypeVar("T")


def _build(cls: type[T], row: Mapping[str, Any]) -> T:
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    return cls(**{k: v for k, v in row.items() if k in known})


@dataclass(frozen=True, slots=True)
class Notes:
    """`coverage` is the share (0 to 1) of the transcript's segments that were read; `engine` is `ollama` or `extractive`.

    `tldr` is the gist in two sentences. `language` is an ISO 639-1 code; `seconds` is the duration of the work.
    """

    tldr: str
    points: tuple[Point, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    terms: tuple[Term, ...] = ()
    actions: tuple[Action, ...] = ()
    coverage: float = 0.0
    engine: str = "extractive"
    model: str = ""
    language: str = "en"
    seconds: float = 0.0

    @property
    def verified_share(self) -> float:
        """Share of the points whose quote was found; 1 when there are none."""
        return sum(p.verified for p in self.points) / len(self.points) if self.points else 1.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Notes:
        return cls(
            tldr=str(row["tldr"]),
            points=tuple(_build(Point, p) for p in row.get("points", ())),
            chapters=tuple(_build(Chapter, c) for c in row.get("chapters", ())),
            terms=tuple(_build(Term, t) for t in row.get("terms", ())),
            actions=tuple(_build(Action, a) for a in row.get("actions", ())),
            coverage=float(row.get("coverage", 0.0)),
            engine=str(row.get("engine", "extractive")),
            model=str(row.get("model", "")),
            language=str(row.get("language", "en")),
            seconds=float(row.get("seconds", 0.0)),
        )


@dataclass(frozen=True, slots=True)
class Version:
    """Notes with the row they came from; `created_at` is Unix seconds. `outdated`: about a transcript that was replaced."""

    id: int
    created_at: float
    notes: Notes
    outdated: bool = False


class Verdict(StrEnum):
    REPLACES = "replaces"
    TOO_WEAK = "too_weak"
    READ_LESS = "read_less"
    OUTDONE = "outdone"
