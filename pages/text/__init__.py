"""The texts of the pages, in English and Chinese: t("key") from en.json and zh.json, which hold the same keys.

    chosen in this browser, else the setting `language` ─▶ en | zh
                                                       └─ auto ─▶ the browser's locale ─▶ en when it is neither

Errors of core/errors/ are found under `error.<code>` and `error.<code>.<case>`: what happened, what was kept, what to do. Their
technical detail, which quotes other programs in English, is shown on Status alone. Settings are found under `setting.<name>`,
other messages of core (Message) under their own key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from core import app
from core.domain.text_places import fill, names
from core.errors import lineage
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


def asked_language(accepted: str) -> str:
    """Return the first language of an Accept-Language header that has texts, or `en`; for routes, which know no reader."""
    asked = (part.partition(";")[0].strip().lower().partition("-")[0] for part in accepted[:1000].split(","))
    return next((each for each in asked if each in LANGUAGES), "en")


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
    return fill(text, params) if params else text


def error_text(record: Mapping[str, Any]) -> str:
    """Return the sentence for an error record `{code, detail, params}` in the reader's language; never its `detail`."""
    return error_sentence(record, texts(language()))


def error_sentence(record: Mapping[str, Any], of: Mapping[str, str]) -> str:
    """Return the sentence for an error record from the texts of one language.

    The first one whose places the record fills: of its case, its code, the kinds above it. Records of earlier versions lack some
    params, and those of plug-ins have codes of their own.
    """
    code, params = str(record.get("code", "")), _with_cause(dict(record.get("params") or {}), of)
    keys = (f"error.{code}.{params.get('case')}", f"error.{code}", *(f"error.{each}" for each in lineage(code)))
    fitting = (of[key] for key in keys if key in of and names(of[key]) <= params.keys())
    return fill(next(fitting, of["error.internal"]), params)


def error_texts(*codes: str) -> dict[str, str]:
    """Return the sentences of errors by code and case, with unfilled places, for scripts; of all errors if none is named."""
    found = {key.removeprefix("error."): text for key, text in texts(language()).items() if key.startswith("error.")}
    return {name: text for name, text in found.items() if not codes or name.partition(".")[0] in codes}


def _with_cause(params: dict[str, Any], of: Mapping[str, str]) -> dict[str, Any]:
    """Replace `why`, the code of a cause, by the sentence for it; records of earlier versions have no cause."""
    why = of.get(f"why.{params.get('why') or 'unknown'}", of["why.unknown"])
    return params | {"why": fill(why, {"address": "?", "status": ""} | params)}


def message_text(said: object) -> str:
    """Return a Message in the reader's language, including nested ones; any other object as its string."""
    if not isinstance(said, Message) or not has(said.key):
        return str(said)
    if said.key.startswith("error."):
        return error_text({"code": said.key.removeprefix("error."), "params": said.params})
    text, params = texts(language())[said.key], {name: message_text(value) for name, value in said.params.items()}
    return fill(text, params) if names(text) <= params.keys() else str(said)
