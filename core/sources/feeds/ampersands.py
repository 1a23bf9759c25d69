"""Repair ampersands that XML forbids, before a feed is parsed: they are the most frequent reason why one is not well-formed.

    ?a=1&copy=2, AT&T    ─▶ ?a=1&amp;copy=2, AT&amp;T      without a semicolon it is no reference
    &nbsp; &eacute;      ─▶ &#160; &#233;                  unless the document declares its own entities
    &#55357;&#56832;     ─▶ &#128512;                  a surrogate pair, as Java and JavaScript write it
    &#xD83D; &#11;       ─▶ &#65533; and ""            a lone surrogate, and a character that XML forbids
    CDATA, comments      ─▶ unchanged

feedparser reads the first as `?a=1©=2`, and gives AT&T a semicolon: https://html.spec.whatwg.org/#named-character-reference-state
"""

from __future__ import annotations

import re
from html.entities import html5

# Possessive quantifiers, and an unclosed section runs to the end: each byte is read once.
_PIECE = re.compile(
    rb"<!\[CDATA\[(?:[^\]]|\](?!\]>))*+(?:\]\]>|\Z)|<!--(?:[^-]|-(?!->))*+(?:-->|\Z)"
    rb"|&(?:(amp|lt|gt|quot|apos);|(#[0-9]{1,7}+;|#[xX][0-9a-fA-F]{1,6}+;)|([A-Za-z][A-Za-z0-9]{1,31}+);)?"
)

_NUMBER = rb"&#(?:0{0,3}(\d{5})|[xX]0{0,4}([dD][%s][0-9a-fA-F]{2}));"
_HALVES = re.compile(_NUMBER % b"89abAB" + _NUMBER % b"c-fC-F")


def _joined(found: re.Match[bytes]) -> bytes:
    high, low = (int(d) if d else int(x, 16) for d, x in ((found[1], found[2]), (found[3], found[4])))
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return found[0]
    return b"&#%d;" % (0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


def _allowed(reference: bytes) -> bytes:
    """Return a numeric reference unchanged if XML allows the character, else a replacement or nothing."""
    digits = reference[2:-1]
    number = int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
    if number < 0x20 and number not in (9, 10, 13):
        return b""
    return b"&#65533;" if 0xD800 <= number < 0xE000 or number in (0xFFFE, 0xFFFF) or number > 0x10FFFF else reference


def mended(body: bytes) -> bytes:
    """Return the repaired body. It must be UTF-8; well-formed documents and text without markup stay unchanged."""
    if b"&" not in body or not body[:100].lstrip().startswith(b"<"):
        return body
    declares = b"<!ENTITY" in body

    def put(found: re.Match[bytes]) -> bytes:
        if found[0][:1] == b"<" or found[1]:
            return found[0]
        if found[2]:
            return _allowed(found[0])
        if not found[3]:
            return b"&amp;"
        if declares:
            return found[0]
        meant = html5.get(found[3].decode("ascii") + ";")
        return b"".join(b"&#%d;" % ord(c) for c in meant) if meant else b"&amp;" + found[0][1:]

    return _PIECE.sub(put, _HALVES.sub(_joined, body) if b"&#" in body else body)
