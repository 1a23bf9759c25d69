"""The text of a document whose encoding nobody vouches for.

bytes ─▶ a byte order mark? ─▶ zeros at every second place: UTF-16 ─▶ UTF-8 ─▶ what was stated ─▶ GB18030 or Windows-1252
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Python knows codecs that are no encodings of text, or take for ever.
_STATED = re.compile(
    r"charset\s{0,9}=\s{0,9}\"?((?:windows|cp|gb|big5|euc|shift|koi8|iso-8859|iso-2022|utf-16)[\w.-]{0,20})", re.IGNORECASE
)
_LOOKED_AT = 8_000


def text_of(body: bytes, content_type: str = "") -> str:
    """Decoded, without a byte order mark; every end of a line is a `\\n`. Never raises."""
    return _decoded(body, content_type).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decoded(body: bytes, content_type: str) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    wide = _wide(body[:_LOOKED_AT])
    if wide:
        return body.decode(wide, "replace")
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # A few broken characters in much that is sound are damage; nothing sound is another encoding.
    if not broken or sum(not c.isascii() for c in text) - broken > broken:
        return text
    stated = _STATED.search(content_type[:500])
    for name in (stated[1] if stated else "", "gb18030" if _paired(body) else ""):
        try:
            return body.decode(name.lower().replace("iso-8859-1", "cp1252") if name[-3:] == "9-1" else name)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("cp1252", "replace")


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: times, blanks and ends of lines have a zero in every language."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    most = max(even, odd)
    if most < 2 or most * 12 < len(head) or min(even, odd) * 4 > most:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _paired(body: bytes) -> bool:
    """Whether bytes above ASCII come in twos, as in Chinese, and not one by one among letters."""
    runs = re.findall(rb"[\x81-\xfe]+", body[: 50 * _LOOKED_AT])
    return sum(len(run) for run in runs if len(run) > 1) * 2 > sum(map(len, runs))
