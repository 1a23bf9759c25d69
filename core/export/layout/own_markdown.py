"""Parse the reader's own Markdown into blocks, for the formats that are not Markdown.

Markdown ─markdown-it─► tokens ─► headings, paragraphs, items, quotes, code

HTML in it is text, and a picture is its description: nothing that is pasted becomes markup, and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.export.layout.blocks import Block, BlockKind, TextRun
from core.export.layout.cues import one_line
from core.export.layout.escaping import address

# Links are searched up to this length: the search for the time is quadratic.
_LONGEST_LINK = 500
_TIME_LINK = re.compile(r"^(?:[^:?#]*)[?#&](?:[^#]*&)?t=(\d+(?:\.\d+)?)")
_CHECKBOX = re.compile(r"^\[([ xX])\]\s+")

Place = Callable[[float], str | None]


@dataclass
class _State:
    """The nesting at a token: lists with the number of their next item, quotations, a heading."""

    lists: list[int | None] = field(default_factory=list)
    quotes: int = 0
    heading: bool = False
    fresh_item: bool = False

    def sign(self) -> str:
        number = self.lists[-1]
        if number is None:
            return "•"
        self.lists[-1] = number + 1
        return f"{number}."


def blocks_of(markdown: str, place: Place = lambda _: None) -> Iterator[Block]:
    """Yield blocks in order; headings are of level 3, for these notes are a section themselves. `place` gives the address for
    a link to a second of the audio (`?t=83`)."""
    state = _State()
    for token in MarkdownIt("commonmark", {"html": False}).parse(markdown):
        if token.type == "inline":
            yield _block(state, tuple(_runs(token.children or [], place)))
        elif token.type in ("fence", "code_block"):
            yield Block(BlockKind.CODE, (TextRun(token.content.expandtabs().rstrip("\n"), code=True),))
        elif token.type == "hr":
            yield Block(BlockKind.RULE)
        else:
            _nest(state, token)


def _nest(state: _State, token: Token) -> None:
    match token.type:
        case "bullet_list_open":
            state.lists.append(None)
        case "ordered_list_open":
            state.lists.append(int(token.attrs.get("start", 1)))
        case "bullet_list_close" | "ordered_list_close":
            state.lists.pop()
        case "list_item_open":
            state.fresh_item = True
        case "blockquote_open" | "blockquote_close":
            state.quotes += token.nesting
        case "heading_open" | "heading_close":
            state.heading = token.nesting > 0


def _block(state: _State, runs: tuple[TextRun, ...]) -> Block:
    if state.heading:
        return Block(BlockKind.HEADING, runs, level=3)
    if state.lists and state.fresh_item:
        state.fresh_item = False
        sign, runs = _checked(state.sign(), runs)
        return Block(BlockKind.ITEM, runs, level=len(state.lists), sign=sign)
    return Block(BlockKind.QUOTE if state.quotes else BlockKind.TEXT, runs, level=len(state.lists))


def _checked(sign: str, runs: tuple[TextRun, ...]) -> tuple[str, tuple[TextRun, ...]]:
    """Convert `- [x] done` into an item with a ticked box."""
    box = _CHECKBOX.match(runs[0].text) if runs else None
    if box is None:
        return sign, runs
    return ("☐" if box[1] == " " else "☑"), (replace(runs[0], text=runs[0].text[box.end() :]), *runs[1:])


def _runs(tokens: Iterable[Token], place: Place) -> Iterator[TextRun]:
    style = TextRun("")
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in ("strong", "em"):
            on = token.nesting > 0
            style = replace(style, bold=on) if name == "strong" else replace(style, italic=on)
        elif name == "link":
            style = replace(style, link=_target(str(token.attrs.get("href", "")), place) if token.nesting > 0 else None)
        elif token.type == "code_inline":
            yield replace(style, text=_clean(token.content), code=True)
        elif text := _plain(token):
            yield replace(style, text=text)


def _plain(token: Token) -> str:
    if token.type == "hardbreak":
        return "\n"
    return " " if token.type == "softbreak" else _clean(token.content)


def _clean(text: str) -> str:
    """Strip control characters; the spaces at either end stay, for they part it from its neighbours."""
    return one_line(f"|{text}|")[1:-1] if text else ""


def _target(href: str, place: Place) -> str | None:
    if at := _TIME_LINK.match(href[:_LONGEST_LINK]):
        return place(float(at[1]))
    target = address(href)
    return target if target and target.startswith("http") else None
