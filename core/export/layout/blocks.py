"""Define blocks of text: the common denominator of the rich formats."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    TITLE = "title"
    FACTS = "facts"
    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    QUOTE = "quote"
    CODE = "code"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class TextRun:
    """A stretch of text that looks alike. `mark` is a highlighter's colour; `link` is http, https or a relative path."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    muted: bool = False
    mark: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """`level` is 2 or 3 for a heading, the depth for an item or a block below one. `sign` stands before an item.

    `start` is the second of the audio that it is about, `place` the address that plays it. `colour` is that of a highlight."""

    kind: BlockKind
    runs: tuple[TextRun, ...] = ()
    level: int = 0
    sign: str = ""
    start: float | None = None
    place: str | None = None
    colour: str | None = None

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)
