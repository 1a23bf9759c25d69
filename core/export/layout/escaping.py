"""Escape text of a feed, a file or a model for Markdown and YAML, so that it cannot act as markup.

text ─► one line ─► for Markdown: every character that could begin markup, a link, a tag or a formula is escaped
                └─► for YAML: a double-quoted scalar
address ─► http, https or a relative path, without its user name and password ─► percent-encoded
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlsplit, urlunsplit

from core.export.layout.cues import one_line

# Markup of CommonMark and of Obsidian: $math$, %%comments%%, ==marks==, #tags, ^blocks, key:: fields. A bare address
# becomes a link by its `://`, `www.` or `@`.
_SPECIAL = re.compile(r"[\\`*_\[\]<>&#|~$^@%]|==|::|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
# No file name of Obsidian's holds these, on any system; nor may the label of a link end it.
_UNNAMEABLE = re.compile(r'[\[\]|#^\\/:*?"<>]')
_UNLABELLED = re.compile(r"[\[\]|<>`\\*~$^#]|==+|%%+|::+|:(?=//)")
_OPENING = re.compile(r"^(?:([-+=!])|(\d+)([.)]))")


def prose(text: str, *, begins: bool = True) -> str:
    """Return the text as Markdown that shows as exactly that text, on one line; `begins`: a line may begin with it."""
    escaped = _SPECIAL.sub(lambda m: "".join("\\" + c for c in m[0]), one_line(text))
    if not begins:
        return escaped
    return _OPENING.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", escaped)


def wiki_link(name: str) -> str:
    """Return `[[name]]`; characters that no file name in Obsidian holds are only shown, not linked. "" for an empty name."""
    shown = one_line(name)
    target = one_line(_UNNAMEABLE.sub(" ", _UNLABELLED.sub(" ", shown))).strip(". ")
    if not target:
        return ""
    label = one_line(_UNLABELLED.sub(" ", shown))
    return f"[[{target}]]" if target == label else f"[[{target}|{label}]]"


def obsidian_tag(name: str) -> str:
    """Return a tag as Obsidian takes it: letters, digits, `_`, `-` and `/`, not digits alone. "" when nothing is left."""
    kept = re.sub(r"[^\w/-]+", "-", one_line(name)).strip("-/")
    return f"{kept}_" if kept.isdecimal() else kept


def scalar(text: str) -> str:
    """Return the text as a YAML double-quoted scalar on one line: JSON's strings are a subset of those."""
    # Characters that YAML does not count as printable are dropped, however unlikely in a title.
    printable = re.sub("[\x7f-\x9f\ufeff\ufffe\uffff]", "", one_line(text))
    return json.dumps(printable.strip(), ensure_ascii=False)


def address(url: str | None) -> str | None:
    """Return the address without credentials, safe inside a Markdown link; None unless http, https or a relative path."""
    if not url:
        return None
    try:
        parts = urlsplit(one_line(url))
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in ("", "http", "https") or bool(parts.scheme) != bool(parts.netloc):
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    plain = urlunsplit((parts.scheme, host + port, parts.path, parts.query, parts.fragment))
    return quote(plain, safe="/:?&=#%+,;@!~*.-_[]")
