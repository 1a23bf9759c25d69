"""The result of a search: hits grouped by episode; and the progress of the index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from core.domain.episodes.search_query import Hint


class DocumentKind(IntEnum):
    """The kind of a document. `place` within its kind: a segment's or highlight's id, else its number in order."""

    SEGMENT = 0
    TITLE = 1
    NOTE = 2
    OWN_NOTE = 3
    REMARK = 4
    SHOW_NOTE = 5
    PUBLISHED = 6


# The words of the filter `in:` for each kind, as `text_folding.fold` writes them. The first English and the first Chinese one are
# those that the pages write.
KIND_NAMES: Mapping[DocumentKind, tuple[str, ...]] = {
    DocumentKind.SEGMENT: ("transcript", "文字稿", "spoken", "说的话"),
    DocumentKind.TITLE: ("title", "标题", "titles"),
    DocumentKind.NOTE: ("notes", "笔记", "note"),
    DocumentKind.OWN_NOTE: ("mynotes", "我的笔记", "own"),
    DocumentKind.REMARK: ("comments", "批注", "highlights", "高亮"),
    DocumentKind.SHOW_NOTE: ("shownotes", "节目介绍"),
    DocumentKind.PUBLISHED: ("publisher", "发布者"),
}
Order = Literal["relevance", "newest"]


@dataclass(frozen=True, slots=True)
class Hit:
    """`marks` are the matches in `snippet`, `[from, to)`. `start` is seconds, None for text without a time.

    `place` is the segment's or highlight's id. `before` and `after` are the words around a short one.
    """

    kind: DocumentKind
    place: int
    start: float | None
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()
    speaker: str | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Hits in one episode, in the order of the audio; `count` says how many there are in all. `marks` are those in its title."""

    episode_id: int
    title: str
    feed_title: str | None
    published_at: float
    hits: tuple[Hit, ...]
    count: int
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`total` counts the hits; with `at_least` there are more.

    `kinds` are the hits of each kind, also of those that the filter `in:` leaves out. `feeds` and `tags` are names with their
    number of episodes, the most frequent first.
    """

    groups: tuple[Group, ...] = ()
    total: int = 0
    at_least: bool = False
    order: Order = "relevance"
    hints: tuple[Hint, ...] = ()
    kinds: Mapping[DocumentKind, int] = field(default_factory=dict)
    feeds: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    """`done` of `total` episodes are in the index; `rebuilding` while the old index serves queries."""

    done: int
    total: int
    rebuilding: bool

    @property
    def whole(self) -> bool:
        return not self.rebuilding and self.done >= self.total
