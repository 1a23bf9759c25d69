"""The places of a text: `{name}`, and words that follow a number, `{n|episode|episodes}`.

    fill("{n} {n|episode|episodes}", n="1")  ─▶ 1 episode
    fill("{n} {n|episode|episodes}", n="1,204") ─▶ 1,204 episodes

A number arrives as int, float or text as it is shown: exactly one takes the first form, everything else the second. Scripts fill
the same places (`fill` in shared/page.js).
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any


class _Places(string.Formatter):
    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if not isinstance(key, str) or "|" not in key:
            return super().get_value(key, args, kwargs)
        name, one, many = key.split("|")
        return one if str(kwargs[name]) == "1" else many


_PLACES = _Places()


def fill(text: str, params: Mapping[str, Any]) -> str:
    """Return the text with its places filled. Raises KeyError if one has no value."""
    # The formatter of the standard library is slower, and most texts have no word that follows a number.
    return _PLACES.vformat(text, (), params) if "|" in text else text.format_map(params)


def names(text: str) -> set[str]:
    """Return the names of the places of a text."""
    return {name.partition("|")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}
