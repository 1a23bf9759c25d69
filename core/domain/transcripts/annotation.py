"""The reader's additions to a transcript: edits and highlights. An offset counts the characters of a segment's text.

retiming: words under an edit      passage: the quote of a highlight, and how it follows      succession: a new transcript
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Colour(StrEnum):
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PINK = "pink"


class EditKind(StrEnum):
    TEXT = "text"
    SPEAKER = "speaker"


@dataclass(frozen=True, slots=True)
class Span:
    """From a character of one segment up to, not including, a character of the same or a later one."""

    start_segment: int
    start_offset: int
    end_segment: int
    end_offset: int


@dataclass(frozen=True, slots=True)
class Highlight:
    """A marked span with its colour and remark. `quote` is the text at the time, `start` and `end` its seconds.

    `anchored` is False when the transcript was replaced and holds the quote no longer: the span means nothing then.
    `version` rises with every change. Times of day are Unix seconds.
    """

    id: int
    episode_id: int
    span: Span
    start: float
    end: float
    quote: str
    colour: Colour
    remark: str
    anchored: bool
    version: int
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True)
class Edit:
    """One change by the reader. Before and after are `{text, words}` for a text, `{speakers: {name: [segment ids]}}` for a name.

    `undone`: it can be done again. `outdated`: the transcript that it was made in has been replaced; it is kept to look up.
    """

    id: int
    episode_id: int
    kind: EditKind
    segment_id: int | None
    start: float | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    made_at: float
    undone: bool
    outdated: bool


# --- highlights of the whole library --------------------------------------------------------------------


class HighlightForm(StrEnum):
    """The files that highlights are exported to: Markdown, a spreadsheet, the CSV that Readwise imports."""

    MARKDOWN = "md"
    CSV = "csv"
    READWISE = "readwise"


@dataclass(frozen=True, slots=True)
class HighlightFilter:
    """None and "" leave a condition out. `text`: letters of the quote or the remark, ignoring ASCII case."""

    colour: Colour | None = None
    feed_id: int | None = None
    tag_id: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ListedHighlight:
    """A highlight with its episode. `duration`: seconds, None if unknown."""

    highlight: Highlight
    episode_title: str
    feed_id: int | None
    feed_title: str | None
    duration: float | None
    has_audio: bool


@dataclass(frozen=True, slots=True)
class HighlightGroup:
    """How many highlights a feed or a tag holds."""

    id: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class HighlightCounts:
    """How many highlights there are in all, of each colour, feed and tag; those without any are left out."""

    total: int
    colours: dict[Colour, int]
    feeds: tuple[HighlightGroup, ...]
    tags: tuple[HighlightGroup, ...]
