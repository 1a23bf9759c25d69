"""Normalise the spelling of a guid: a malformed feed may have given it in several.

    ?a=1&copy=2   ?a=1©=2   ?a=1&amp;copy=2      ─▶ ?a=1©=2
    AT&T          AT&T;                          ─▶ AT&T

Earlier versions read ampersands differently, and a publisher who mends or breaks the document changes them again. Only a form to
compare, for guids that are not found verbatim.
"""

from __future__ import annotations

import re
from html.entities import name2codepoint

_NAME = re.compile(r"&([A-Za-z][A-Za-z0-9]{0,31}+);?")


def spelling(guid: str) -> str:
    return _NAME.sub(_read, guid.replace("&amp;", "&"))


def _read(found: re.Match[str]) -> str:
    name = found[1]
    return chr(name2codepoint[name]) if name in name2codepoint else f"&{name}"
