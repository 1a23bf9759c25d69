"""Ampersands that no XML allows, put right before a feed is parsed: the most frequent reason why one is not well-formed.

    ?a=1&copy=2, AT&T    ─▶ ?a=1&amp;copy=2, AT&amp;T      what ends with no semicolon is no character
    &nbsp; &eacute;      ─▶ &#160; &#233;                  unless the document declares entities of its own
    CDATA, comments      ─▶ as they are

feedparser reads the first as `?a=1©=2`, and gives AT&T a semicolon: https://html.spec.whatwg.org/#named-character-reference-state
"""

from __future__ import annotations

import re
from html.entities import html5

# Possessive, and an unclosed section goes to the end: each byte is looked at once.
_PIECE = re.compile(
    rb"<!\[CDATA\[(?:[^\]]|\](?!\]>))*+(?:\]\]>|\Z)|<!--(?:[^-]|-(?!->))*+(?:-->|\Z)"
    rb"|&(?:(amp|lt|gt|quot|apos);|(#[0-9]{1,7}+;|#[xX][0-9a-fA-F]{1,6}+;)|([A-Za-z][A-Za-z0-9]{1,31}+);)?"
)


def mended(body: bytes) -> bytes:
    """Of a body in UTF-8. A document that is well-formed stays as it is, and so does what is no markup."""
    if b"&" not in body or not body[:100].lstrip().startswith(b"<"):
        return body
    declares = b"<!ENTITY" in body

    def put(found: re.Match[bytes]) -> bytes:
        if found[0][:1] == b"<" or found[1] or found[2]:
            return found[0]
        if not found[3]:
            return b"&amp;"
        if declares:
            return found[0]
        meant = html5.get(found[3].decode("ascii") + ";")
        return b"".join(b"&#%d;" % ord(c) for c in meant) if meant else b"&amp;" + found[0][1:]

    return _PIECE.sub(put, body)
