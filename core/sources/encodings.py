"""The text of a document, whatever it says of its encoding: feeds, OPML, web pages and transcripts are all decoded here.

    bytes ─▶ a byte order mark that is true? ─▶ zeros between the letters: UTF-16, UTF-32 ─▶ escapes that were announced
          ─▶ UTF-8, also with some damage ─▶ what was stated (server, XML, HTML) ─▶ GB18030 or Windows-1252

The bytes are asked first: who says utf-16 and sends UTF-8 is read by what was sent. Text that was encoded twice stays so: nobody
can tell it from text that is meant like that.
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

# Labels as publishers write them, without signs, and what is meant: https://encoding.spec.whatwg.org/#names-and-labels
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
# Any other name counts only where it is of these families: Python knows codecs that are no encodings of text, or take for ever.
_FAMILY = re.compile(r"(?:windows|cp|xcp|ibm)(12\d\d|[478]\d\d)$|(?:iso)?8859(\d{1,2})$")
_ESCAPES = {"iso2022_jp_ext": b"\x1b", "iso2022_kr": b"\x1b", "hz": b"~{"}


def text_of(body: bytes, content_type: str = "") -> str:
    """Decoded, without a byte order mark; every end of a line is a `\\n`. Never raises."""
    return decoded(body, content_type).replace("\r\n", "\n").replace("\r", "\n")


def decoded(body: bytes, content_type: str = "") -> str:
    """Without a byte order mark, all else as it stands. Of `content_type` only the charset counts. Never raises."""
    return _decoded(body, content_type).lstrip("\ufeff")


def as_utf8(body: bytes, content_type: str = "") -> bytes:
    """The same in UTF-8, whatever an XML declaration in it goes on to say: the body itself where it is that already."""
    body = _unmarked(body)
    if _plain(body, content_type):
        return body
    return decoded(body, content_type).encode("utf-8", "replace")


def codec(label: str) -> str | None:
    """Python's name for an encoding that a publisher names; None for UTF-8, UTF-16 and UTF-32, which bytes prove by themselves,
    and for what is no encoding of text (`binary`, `x-user-defined`) or not known."""
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
    """Whether it is UTF-8 and nothing else, looked at in pieces: large feeds are not held twice for it."""
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
    # A wide mark is wrong where what follows is sound without one.
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
    # A few broken characters in much that is sound are damage; nothing sound is another encoding.
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
    """What server, XML declaration and HTML say, in that order; but many servers say Latin-1 of whatever they send."""
    head = body[:_LOOKED_AT].decode("latin-1")
    found = (_CHARSET.search(content_type[:500]), _DECLARATION.match(head), _META.search(head))
    named = dict.fromkeys(name for each in found if each and (name := codec(each[1])))
    yield from sorted(named, key=lambda name: name == "cp1252")


def _escaped(body: bytes, content_type: str) -> str | None:
    """An encoding that is written in ASCII with escapes, where it is stated and there are some: such text is valid UTF-8 too."""
    if b"\x1b" not in body and b"~{" not in body:
        return None
    return next((name for name in _stated(body, content_type) if name in _ESCAPES and _ESCAPES[name] in body), None)


def _sound(body: bytes) -> bool:
    """Whether its front is UTF-8, but for a character that is cut at its end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body[:_LOOKED_AT])
    except UnicodeDecodeError:
        return False
    return True


def _wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: times, blanks, tags and ends of lines have zeros in every language."""
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
    """Whether bytes above ASCII come in twos, as in Chinese, and not one by one among letters."""
    head = body[: 50 * _LOOKED_AT]
    runs = re.findall(rb"[\x81-\xfe]+", head)
    # Two in the midst of a word are Western: Grüße, Noëël.
    within = sum(map(len, re.findall(rb"(?<=[A-Za-z])[\x81-\xfe]{2}(?=[A-Za-z])", head)))
    return (sum(len(run) for run in runs if len(run) > 1) - within) * 2 > sum(map(len, runs))


def _mended(error: UnicodeError) -> tuple[str, int]:
    """A lone byte in UTF-8 is a Windows quotation mark or dash that was pasted in; more than one is a character cut off."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    lone = error.object[error.start : error.end]
    return (lone.decode("cp1252", "replace") if len(lone) == 1 else "\ufffd"), error.end


_MENDED = "castmind_mended"
codecs.register_error(_MENDED, _mended)
