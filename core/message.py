"""A sentence for users, in English, with the key under which the pages hold its translations.

    Message("no NVIDIA driver was found", "speech.no_driver")  ─▶ logs, HTTP, the command line: the English text
                                                              └▶ pages: the text of that key, its places filled from `params`

Errors have their own texts: core/errors/. `record` and `from_record` convert it to JSON and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from core.errors import CastMindError


class Message(str):
    """A str of its English text. `key` is "" for a text that is the same in every language; a param can itself be a Message."""

    key: str
    params: Mapping[str, str | int | float]

    def __new__(cls, english: str, key: str = "", **params: str | int | float) -> Self:
        made = super().__new__(cls, english)
        made.key = key
        made.params = params
        return made

    @classmethod
    def of(cls, error: CastMindError) -> Self:
        return cls(error.detail, f"error.{error.code}", **error.params)


def record(text: str | None) -> dict[str, Any] | None:
    """Return `{english, key, params}`, for JSON."""
    if text is None:
        return None
    if not isinstance(text, Message):
        return {"english": text, "key": "", "params": {}}
    params = {name: record(value) if isinstance(value, Message) else value for name, value in text.params.items()}
    return {"english": str(text), "key": text.key, "params": params}


def from_record(found: Mapping[str, Any] | None) -> Message | None:
    """Return the Message from a dict that `record` returned."""
    if found is None:
        return None
    params: dict[str, Any] = {
        name: from_record(value) if isinstance(value, Mapping) else value for name, value in found["params"].items()
    }
    return Message(found["english"], found["key"], **params)
