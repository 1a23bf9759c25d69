"""Decode text of unreliable encoding: feeds, OPML, web pages and transcripts.

    bytes ─▶ a true byte order mark? ─▶ zeros between the letters: UTF-16, UTF-32 ─▶ a declared encoding with escapes
          ─▶ UTF-8, even slightly damaged ─▶ the declared encoding (server, XML, HTML) ─▶ GB18030 or Windows-1252

The bytes decide first: UTF-8 declared as utf-16 is read as UTF-8. Text that was encoded twice stays as it is, because it cannot
be told from text that is meant like that.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(r"\s{0,100}<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']\s{0,9}([\w.:+-]{1,40})", re.IGNORECASE)
_META = re.compile(r"<meta\s[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:+-]{1,40})", re.IGNORECASE)
_UTF8_MARKS = re.compile(rb"(?:\xef\xbb\xbf)++")
_EBCDIC_MARK = b"\x4c\x6f\xa7\x94"
_LOOKED_AT = 8_000
_BLOCK = 1 << 20

# Python's codec for the labels that publishers write, without punctuation: https://encoding.spec.whatwg.org/#names-and-labels
_MEANT = {
    label: codec
    for codec, labels in {
        "cp1252": "iso88591 latin1 l1 ascii usascii ansix341968 cp819 ibm819 windows1252 cp1252 xcp1252 ansi",
        "cp1254": "iso88599 latin5 windows1254 cp1254 xcp1254",
        "iso8859_15": "iso885915 latin9 l9",
        "cp874": "iso885911 tis620 dos874 windows874 cp874",
        "gb18030": "gb2312 gb231280 csgb2312 gbk xgbk cp936 ms936 windows936 euccn chinese csiso58gb231280 gb18030 gb180302000",
        "big5hkscs": "big5 big5hkscs cnbig5 xxbig5 csbig5 xbig5 cp950 windows950 big5eten",
        "cp932": "shiftjis sjis xsjis mskanji windows31j ms932 cp932 csshiftjis shiftjisx0213 windows932",
        "euc_jp": "eucjp xeucjp xeuc cseucpkdfmtjapanese ujis",
        "cp949": "euckr ksc56011987 ksc56011989 ksc5601 korean windows949 cp949 uhc cseuckr isoir149",
        "koi8_r": "koi8r koi8 koi cskoi8r",
        "koi8_u": "koi8u koi8ru",
        "mac_roman": "macintosh mac xmacroman macroman csmacintosh",
        "mac_cyrillic": "xmaccyrillic maccyrillic xmacukrainian",
        "iso8859_8": "iso88598i iso88598e visual logical",
        "cp866": "866 cp866 ibm866 csibm866",
        "iso2022_jp_ext": "iso2022jp csiso2022jp iso2022jp1 iso2022jp2",
        "iso2022_kr": "iso2022kr csiso2022kr",
        "hz": "hz hzgb2312",
    }.items()
    for label in labels.split()
}
# Other names count only if they belong to these families: some of Python's codecs are no text encodings, or take for ever.
_FAMILY = re.compile(r"(?:windows|cp|xcp|ibm)(12\d\d|[478]\d\d)$|(?:iso)?8859(\d{1,2})$")
_ESCAPES = {"iso2022_jp_ext": b"\x1b", "iso2022_kr": b"\x1b", "hz": b"~{"}


def text_of(body: bytes, content_type: str = "") -> str:
    """Return the decoded text without a byte order mark, all line ends as `\\n`. Never raises."""
    return decoded(body, content_type).replace("\r\n", "\n").replace("\r", "\n")


def decoded(body: bytes, content_type: str = "") -> str:
    """Return the decoded text without a byte order mark. Only the charset of `content_type` is used. Never raises."""
    return _decoded(body, content_type).lstrip("\ufeff")


def as_utf8(body: bytes, content_type: str = "") -> bytes:
    """Return the text in UTF-8, and the body itself if it is UTF-8 already. An XML declaration in it keeps its encoding."""
    body = _unmarked(body)
    if _plain(body, content_type):
        return body
    return decoded(body, content_type).encode("utf-8", "replace")


def codec(label: str) -> str | None:
    """Return Python's name for a publisher's label of an encoding.

    None for UTF-8, UTF-16 and UTF-32, which the bytes themselves prove, for labels that are no encoding of text (`binary`,
    `x-user-defined`), and for unknown ones.
    """
    name = re.sub(r"[^a-z0-9]", "", label.lower())
    if name in _MEANT:
        return _MEANT[name]
    found = _FAMILY.match(name)
    if not found:
        return None
    try:
        return codecs.lookup(f"cp{found[1]}" if found[1] else f"iso8859_{found[2]}").name
    except LookupError:
        return None


def _unmarked(body: bytes) -> bytes:
    marks = _UTF8_MARKS.match(body)
    return body[marks.end() :] if marks else body


def _plain(body: bytes, content_type: str) -> bool:
    """Return whether the body is plain UTF-8; check in blocks, so that large feeds are not held in memory twice."""
    head = body[:_LOOKED_AT]
    if b"\0" in head or body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _escaped(body, content_type):
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(body)
    try:
        for at in range(0, len(body), _BLOCK):
            decoder.decode(view[at : at + _BLOCK])
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(body: bytes, content_type: str) -> str:
    mark, marked = next(((mark, encoding) for mark, encoding in _MARKS if body.startswith(mark)), (b"", "utf-8"))
    body = body[len(mark) :]
    wide = _wide(body[:_LOOKED_AT])
    # A UTF-16 or UTF-32 mark is wrong if the bytes after it are valid UTF-8.
    if wide or (marked != "utf-8" and not _sound(body)):
        return body.decode(wide or marked, "replace")
    if body.startswith(_EBCDIC_MARK):
        return body.decode("cp037").replace("\x85", "\n")
    escapes = _escaped(body, content_type)
    if escapes:
        return body.decode(escapes, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # A few broken characters among many valid ones are damage; without valid ones it is another encoding.
    if sum(not c.isascii() for c in text) - broken > broken:
        return body.decode("utf-8", _MENDED)
    return _narrow(body, content_type)


def _narrow(body: bytes, content_type: str) -> str:
    stated = list(_stated(body, content_type))
    for encoding in (*stated, *(("gb18030",) if _paired(body) else ())):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    for encoding in stated:
        text = body.decode(encoding, "replace")
        if text.count("\ufffd") * 20 < sum(not c.isascii() for c in text):
            return text
    return body.decode("cp1252", "replace")


def _stated(body: bytes, content_type: str) -> Iterator[str]:
    """Yield the encodings declared by server, XML and HTML, in that order; Latin-1 last, which servers claim of anything."""
    head = body[:_LOOKED_AT].decode("latin-1")
    found = (_CHARSET.search(content_type[:500]), _DECLARATION.match(head), _META.search(head))
    named = dict.fromkeys(name for each in found if each and (name := codec(each[1])))
    yield from sorted(named, key=lambda name: name == "cp1252")


def _escaped(body: bytes, content_type: str) -> str | None:
    """Return a declared encoding of ASCII with escapes (ISO-2022, HZ) if the body has such escapes; it is valid UTF-8 too."""
    if b"\x1b" not in body and b"~{" not in body:
        return None
    return next((name for name in _stated(body, content_type) if name in _ESCAPES and _ESCAPES[name] in body), None)


def _sound(body: bytes) -> bool:
    """Return whether the beginning is valid UTF-8, up to a character cut at its end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body[:_LOOKED_AT])
    except UnicodeDecodeError:
        return False
    return True


def _wide(head: bytes) -> str | None:
    """Return UTF-16 or UTF-32 without a mark, by its zeros: timestamps, spaces, tags and line ends have them in any language."""
    places = [head[n::4].count(0) for n in range(4)]
    enough = len(head[3::4]) * 0.9
    if len(head) >= 8 and min(places[2:]) >= enough > places[0]:
        return "utf-32-le"
    if len(head) >= 8 and min(places[:2]) >= enough > places[3]:
        return "utf-32-be"
    even, odd = places[0] + places[2], places[1] + places[3]
    most = max(even, odd)
    if most < 2 or most * 12 < len(head) or min(even, odd) * 4 > most:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _paired(body: bytes) -> bool:
    """Return whether bytes above ASCII come in pairs, as in Chinese, and not singly among letters."""
    head = body[: 50 * _LOOKED_AT]
    runs = re.findall(rb"[\x81-\xfe]+", head)
    # A pair inside a word is Western: Grüße, Noëël.
    within = sum(map(len, re.findall(rb"(?<=[A-Za-z])[\x81-\xfe]{2}(?=[A-Za-z])", head)))
    return (sum(len(run) for run in runs if len(run) > 1) - within) * 2 > sum(map(len, runs))


def _mended(error: UnicodeError) -> tuple[str, int]:
    """Decode invalid bytes in UTF-8: a lone one is a pasted Windows quotation mark or dash, several a truncated character."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    lone = error.object[error.start : error.end]
    return (lone.decode("cp1252", "replace") if len(lone) == 1 else "\ufffd"), error.end


_MENDED = "castmind_mended"
codecs.register_error(_MENDED, _mended)
