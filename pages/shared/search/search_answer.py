"""What the search page and the palette share: the scripts and styles of an answer, and the data that they are given.

search_text (filters, recent searches) ─▶ search_asking (as you type) ─▶ search_filters (chips) · search_answer (episodes, hits)
"""

from __future__ import annotations

from typing import Any

from core.domain.episodes.search_query import FILTERS
from core.domain.episodes.search_result import KIND_NAMES, DocumentKind
from pages.shared.component_source import SOUND
from pages.text import language, t, texts

# After `shared/page.js`.
SCRIPTS = (
    *SOUND,
    "shared/kept_parts.js",
    "shared/menu.js",
    "shared/chip_row.js",
    *(f"shared/search/search_{name}.js" for name in ("text", "asking", "filters", "answer")),
)
STYLES = ("shared/menu.css", "shared/chip_row.css", "shared/search/search_answer.css")
HINTS = (
    *("quote_open", "unknown_filter", "empty_filter", "bad_date", "no_feed", "no_tag", "no_kind", "no_episode", "only_excluded"),
    *("only_kinds", "nothing_sought", "newest_first", "scattered", "filling"),
)
# In the order in which their chips stand.
_KINDS = (DocumentKind.SEGMENT, *(kind for kind in DocumentKind if kind is not DocumentKind.SEGMENT))


def given(*prefixes: str) -> dict[str, Any]:
    """Return the texts under these prefixes, later ones before earlier ones, and the words of filters, kinds and hints.

    The first word of a filter or kind is that of the reader's language.
    """
    words = texts(language())
    said = {key.removeprefix(prefix): text for prefix in prefixes for key, text in words.items() if key.startswith(prefix)}
    kinds = [{"kind": kind.name.lower(), "label": _label(kind), "names": _own_first(KIND_NAMES[kind])} for kind in _KINDS]
    filters = {name: _own_first(names) for name, names in FILTERS.items()}
    hints = {code: t(f"search.hint.{code}") for code in HINTS}
    return {"text": said, "kinds": kinds, "filters": filters, "hints": hints, "locale": language()}


def _label(kind: DocumentKind) -> str:
    return t(f"search.kind.{kind.name.lower()}")


def _own_first(names: tuple[str, ...]) -> list[str]:
    own = next((name for name in names if not name.isascii()), names[0]) if language() == "zh" else names[0]
    return [own, *(name for name in names if name != own)]
