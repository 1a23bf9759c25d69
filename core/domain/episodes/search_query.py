"""Parse the search field. Every input is a valid query: parts that do not fit give a hint.

    显存 "large model" quant* -ads feed:"AI 早知道" speaker:anna tag:work in:notes after:2025-03 before:2026
    ────────────┬──────────── ─┬── ──────────────────────────────┬─────────────────────────────────────────
              terms         excluded                          filters

Full-width signs are read as their ASCII counterparts, any quotation marks as `"`. Filters have Chinese names too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

# The user's own words for each filter, in both scripts.
FILTERS: Mapping[str, tuple[str, ...]] = {
    "feed": ("feed", "podcast", "订阅", "訂閱", "播客"),
    "speaker": ("speaker", "说话人", "說話人", "講者", "讲者"),
    "tag": ("tag", "标签", "標籤"),
    "in": ("in", "范围", "範圍"),
    "episode": ("episode", "单集", "單集"),
    "after": ("after", "since", "之后", "之後"),
    "before": ("before", "until", "之前"),
}
_NAMES = {word: name for name, words in FILTERS.items() for word in words}
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»「」『』〝〞〟＂"), '"')
_WIDE = _QUOTES | {ord("："): ":", ord("＊"): "*", ord("－"): "-", ord("−"): "-"}
# `-name:"value"`, `-"phrase"`, `-word*`; an opening quotation mark may lack its closing one.
_PIECE = re.compile(
    r"""(?P<minus>-(?=\S))?
        (?: (?P<name>[^\W\d_]{2,12}):(?!//)(?P<value>"[^"]*(?:"|$)|[^\s"]*)
          | (?P<phrase>"[^"]*(?:"|$)\*?)
          | (?P<word>[^\s"]+) )""",
    re.VERBOSE,
)
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?")


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A word or a phrase. `prefix`: also match words that begin with it."""

    text: str
    prefix: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class QueryFilter:
    """`name` is a key of FILTERS."""

    name: str
    value: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """`after` or `before`, and the moment in Unix seconds."""

    name: str
    moment: float


@dataclass(frozen=True, slots=True)
class Hint:
    """A remark to the reader about the result: a stable code, and the part of the input that caused it."""

    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """`after` (from then on) and `before` (until then, exclusively) are Unix seconds."""

    terms: tuple[SearchTerm, ...] = ()
    filters: tuple[QueryFilter, ...] = ()
    after: float | None = None
    before: float | None = None
    hints: tuple[Hint, ...] = ()

    @property
    def wanted(self) -> tuple[SearchTerm, ...]:
        return tuple(term for term in self.terms if not term.excluded)

    @property
    def unwanted(self) -> tuple[SearchTerm, ...]:
        return tuple(term for term in self.terms if term.excluded)

    def filtered(self, name: str) -> tuple[QueryFilter, ...]:
        return tuple(each for each in self.filters if each.name == name)


def parse(text: str, *, zone: tzinfo | None = UTC) -> Query:
    """Parse the text; never raise. Dates are days of `zone`; None is that of this computer."""
    parts = list(_parts(text.translate(_WIDE), zone))
    after = [part.moment for part in parts if isinstance(part, Bound) and part.name == "after"]
    before = [part.moment for part in parts if isinstance(part, Bound) and part.name == "before"]
    return Query(
        terms=tuple(part for part in parts if isinstance(part, SearchTerm)),
        filters=tuple(part for part in parts if isinstance(part, QueryFilter)),
        after=max(after, default=None),
        before=min(before, default=None),
        hints=tuple(dict.fromkeys(part for part in parts if isinstance(part, Hint))),
    )


def _parts(text: str, zone: tzinfo | None) -> Iterator[SearchTerm | QueryFilter | Hint | Bound]:
    for match in _PIECE.finditer(text):
        excluded = match["minus"] is not None
        name = _NAMES.get(unicodedata.normalize("NFKC", match["name"] or "").lower())
        if (match["value"] is not None and match["value"].count('"') == 1) or (match["phrase"] or "").count('"') == 1:
            yield Hint("quote_open")
        if name:
            yield from _filter(name, match["value"].strip('"').strip(), excluded, zone)
            continue
        if match["name"] and match["name"].isascii() and match["value"]:
            yield Hint("unknown_filter", match["name"])
        yield from _term(match, excluded=excluded)


def _filter(name: str, value: str, excluded: bool, zone: tzinfo | None) -> Iterator[QueryFilter | Hint | Bound]:
    if not value:
        yield Hint("empty_filter", name)
    elif name not in ("after", "before"):
        yield QueryFilter(name, value, excluded)
    else:
        moment = day(value, zone)
        yield Hint("bad_date", value) if moment is None else Bound(name, moment)


def _term(match: re.Match[str], *, excluded: bool) -> Iterator[SearchTerm]:
    """Yield the terms of a match. A `name:value` whose name is no filter is a phrase like any other."""
    text = f"{match['name']} {match['value']}" if match["name"] else match["phrase"] or match["word"]
    words = text.rstrip("*").replace('"', " ").strip()
    if any(character.isalnum() or unicodedata.category(character) == "So" for character in words):
        yield SearchTerm(words, prefix=text.endswith("*"), excluded=excluded)


def day(text: str, zone: tzinfo | None = UTC) -> float | None:
    """Return the start (Unix seconds) of a year, month or day: `2025`, `2025-03`, `2025/3/1`, `2025年3月1日`; None if invalid."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return None
    year, month, day_of_month = (int(part) if part else 1 for part in found.groups())
    try:
        return datetime(year, month, day_of_month, tzinfo=zone).timestamp()
    except (ValueError, OverflowError):
        return None
