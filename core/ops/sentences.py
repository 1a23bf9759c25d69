"""Sentences for people outside of the pages (the command line, reports, files), from the texts of the pages.

    key, params ─▶ pages/text/<language>.json ─▶ its places filled; Messages among the params in the same language

The pages themselves have `pages.text`, which knows the reader of a request.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from core.domain.text_places import fill, names
from core.message import Message

FOLDER = Path(__file__).resolve().parents[2] / "pages" / "text"
LANGUAGES = ("en", "zh")


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return all texts of one language by key."""
    found: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return found


def language_of(setting: str, environ: Mapping[str, str] | None = None) -> str:
    """Return `en` or `zh`: the setting `language`, and for auto the locale of the environment."""
    if setting in LANGUAGES:
        return setting
    given = os.environ if environ is None else environ
    locale = next((given[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if given.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def has(key: str) -> bool:
    return key in texts("en")


def sentence(key: str, params: Mapping[str, Any], language: str) -> str:
    """Return the text of a key. Raises KeyError for an unknown key, or a place without a value."""
    text = texts(language)[key]
    return fill(text, {name: message(value, language) for name, value in params.items()})


def message(said: object, language: str) -> str:
    """Return a Message in the language, those inside it too; any other object as its string."""
    if not isinstance(said, Message) or not has(said.key) or said.key.startswith("error."):
        return str(said)
    text = texts(language)[said.key]
    return sentence(said.key, said.params, language) if names(text) <= said.params.keys() else str(said)
