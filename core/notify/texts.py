"""The words of messages, in the channel's language: core/notify/text/en.json and zh.json, which hold the same keys.

kind, items, count ─▶ title ("12 notes are ready") and text: a line a thing with its link, the last one "and 2 more"
Nothing of what was said in an episode is in a message; its title is, unless the channel leaves titles out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from core.domain.notify.message import Item
from core.domain.shortening import shortened
from core.domain.text_places import fill

LINES = 10
TITLE = 120


@cache
def catalog(language: str) -> Mapping[str, str]:
    """Return all texts of one language by key."""
    path = Path(__file__).with_name("text") / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def rendered(kind: str, items: Sequence[Item], count: int, *, language: str, titles: bool) -> tuple[str, str]:
    """Return title and text. `items`: the first ones of `count`; each may have `title`, `url` and what its line names."""
    texts = catalog(language)
    title = _filled(texts, f"{kind}.title", {"n": count, **(items[0] if items else {})})
    lines = [line for item in items[:LINES] if (line := _line(texts, kind, item, titles=titles))]
    more = count - min(len(items), LINES)
    if more > 0:
        lines.append(_filled(texts, "more", {"n": more}))
    return title, "\n".join(lines) or title


def _line(texts: Mapping[str, str], kind: str, item: Item, *, titles: bool) -> str:
    shown = _worded(texts, item)
    named = shortened(str(shown.get("title") or ""), TITLE) if titles else ""
    # A kind about things with titles has a line for those without, too.
    key = f"{kind}.line" if named or f"{kind}.line.unnamed" not in texts else f"{kind}.line.unnamed"
    if key not in texts:
        return ""
    line = _filled(texts, key, {**shown, "title": named})
    return f"{line}\n{shown['url']}" if shown.get("url") else line


def _worded(texts: Mapping[str, str], item: Item) -> dict[str, Any]:
    """Return the item with the words for its step and its checks; what has no words keeps its name."""
    shown = dict(item)
    if "step" in shown:
        shown["step"] = texts.get(f"step.{shown['step']}", shown["step"])
    if "checks" in shown:
        shown["checks"] = texts["list"].join(texts.get(f"check.{name}", name) for name in shown["checks"])
    return shown


def _filled(texts: Mapping[str, str], key: str, params: Mapping[str, Any]) -> str:
    return fill(texts[key], _Missing(params))


class _Missing(dict[str, Any]):
    """A thing of an older version may lack what its text names."""

    def __missing__(self, key: str) -> str:
        return "?"
