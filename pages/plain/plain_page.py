"""Pages without scripts, which the server renders while Streamlit does not run or must not be served yet.

page.html beside a page's module ─▶ parts by name ─▶ filled with escaped texts of one language, and the shared style
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from core import app
from core.domain.text_places import fill
from pages.text import LANGUAGES, asked_language, has, texts


def language_of(chosen: str, accepted: str) -> str:
    """Return the language chosen on the page, else the environment's, else the browser's first one that has texts."""
    if chosen in LANGUAGES:
        return chosen
    set_to = app.current().settings.values.language
    if set_to in LANGUAGES:
        return set_to
    return asked_language(accepted)


class PlainPage:
    """The parts of a file, filled in one language. All values are escaped, except parts in `raw`."""

    def __init__(self, file: Path, language: str) -> None:
        self._parts = _parts(file)
        self.language = language

    def text(self, key: str, **places: object) -> str:
        return fill(texts(self.language)[key], places)

    def said(self, key: str, otherwise: str) -> str:
        return self.text(key if has(key) else otherwise)

    def part(self, part: str, /, raw: dict[str, str] | None = None, **values: object) -> str:
        filled = {key: escape(str(value)) for key, value in values.items()}
        return Template(self._parts[part]).substitute(filled | {"styles": styles()} | (raw or {}))

    @property
    def other(self) -> str:
        """The language that the page's switch leads to."""
        return next(each for each in LANGUAGES if each != self.language)


@cache
def styles() -> str:
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8").strip()


@cache
def _parts(file: Path) -> dict[str, str]:
    """Return the parts of a file by name."""
    pieces = re.split(r"<!-- part: (\w+) -->\n", file.read_text(encoding="utf-8"))
    return {name: body.strip("\n") for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
