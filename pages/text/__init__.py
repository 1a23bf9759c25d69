"""The texts of the pages, in English and Chinese: t("key") from en.json and zh.json, which hold the same keys.

    chosen in this browser, else the setting `language` ─▶ en | zh
                                                       └─ auto ─▶ the browser's locale ─▶ en when it is neither

Errors of core/errors/ are found under `error.<code>`, settings under `setting.<name>`, other messages of core (Message) under
their own key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from core import app
from core.message import Message
from pages.visitor import locale, me

LANGUAGES = {"en": "English", "zh": "中文"}


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return all texts of one language by key."""
    found: dict[str, str] = json.loads(Path(__file__).with_name(f"{language}.json").read_text(encoding="utf-8"))
    return found


def language() -> str:
    """Return `en` or `zh`: the reader's choice, else the browser's language."""
    chosen = chosen_language()
    if chosen != "auto":
        return chosen
    return "zh" if locale().lower().startswith("zh") else "en"


def chosen_language() -> str:
    """Return `auto`, `en` or `zh`: the choice of this browser, else the setting; the environment overrides both."""
    castmind = app.current()
    settings = castmind.settings
    mine = castmind.user_preferences.get(me(), "language")
    if mine is None or settings.loaded.locked("language"):
        return settings.values.language
    return mine


def has(key: str) -> bool:
    return key in texts("en")


def t(key: str, **params: Any) -> str:
    """Return the text of a key in the reader's language, its `{places}` filled from `params`."""
    text = texts(language()).get(key) or texts("en")[key]
    return text.format(**params) if params else text


def error_text(record: Mapping[str, Any]) -> str:
    """Return the text of an error record `{code, detail, params}` in the reader's language.

    English readers get `detail`, which is the most exact; others the translation of the code, if there is one.
    """
    key, detail = f"error.{record.get('code', '')}", str(record.get("detail") or "")
    if has(key) and (language() != "en" or not detail):
        return t(key, **_with_cause(dict(record.get("params") or {})))
    return detail or t("error.internal")


def _with_cause(params: dict[str, Any]) -> dict[str, Any]:
    """Replace `why`, the code of a cause, by the sentence for it; records of earlier versions have no cause."""
    why = f"why.{params.get('why') or 'unknown'}"
    return params | {"why": t(why if has(why) else "why.unknown", **{"address": "?", "status": ""} | params)}


def message_text(said: object) -> str:
    """Return a Message in the reader's language, including nested ones; any other object as its string."""
    if not isinstance(said, Message) or language() == "en" or not has(said.key):
        return str(said)
    return t(said.key, **{name: message_text(value) for name, value in said.params.items()})
