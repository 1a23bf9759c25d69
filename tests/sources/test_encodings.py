from __future__ import annotations

import codecs

import pytest

from core.sources import opml
from core.sources.encodings import as_utf8, codec, decoded, text_of
from core.sources.feeds.reading import read_feed
from core.sources.publisher.transcript import parse as transcript

URL = "https://pods.example/feed.xml"
ITEM = "<item><guid>1</guid><title>{title}</title><enclosure url='https://a.example/1.mp3' type='audio/mpeg'/></item>"
WORDS = {
    "zh": "港口的早晨，我们听海。",
    "zh-TW": "港口的早晨，我們聽海。",
    "ja": "港の朝、海の音を聞くカモメ",
    "ko": "항구의 아침, 바다 소리",
    "ru": "Утро в гавани, ёж и чайка",
    "el": "Πρωί στο λιμάνι",
    "th": "เช้าที่ท่าเรือ",
    "tr": "Limanda sabah, ığüşöç",
    "de": "Müller’s Café – schön",
}


def rss(title: str, declared: str | None) -> str:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    return f"{declaration}<rss version='2.0'><channel><title>Show</title>{ITEM.format(title=title)}</channel></rss>"


def title_of(body: bytes, content_type: str = "") -> str:
    """As a feed has it; a list of feeds and a transcript in the same bytes say the same."""
    (entry,) = read_feed(body, URL, content_type).entries
    return entry.title


@pytest.mark.parametrize(
    "declared", ["utf-16", "UTF-16LE", "utf-32", "ucs-2", "iso-10646-ucs-4", "utf-7", "utf8mb4", "UTF 8", "unicode"]
)
@pytest.mark.parametrize("words", ["zh", "de", "ru"])
def test_utf_8_is_read_as_utf_8_whatever_it_says(words: str, declared: str) -> None:
    assert title_of(rss(WORDS[words], declared).encode()) == WORDS[words]


@pytest.mark.parametrize(
    "declared",
    ["x-user-defined", "klingon", "binary", "none", "", "zlib", "rot13", "punycode", "idna", "undefined", "cp037", "mbcs"],
)
def test_a_name_that_is_no_encoding_changes_nothing(declared: str) -> None:
    assert title_of(rss(WORDS["ru"], declared).encode()) == WORDS["ru"]
    # Text that is not UTF-8 either is read as Windows-1252.
    assert title_of(rss(WORDS["de"], declared).encode("cp1252")) == WORDS["de"]


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "windows-1251", "us-ascii", '"utf-16le"', "x-unknown", "gbk"])
def test_nor_does_what_the_server_says_of_utf_8(charset: str) -> None:
    assert title_of(rss(WORDS["ja"], "utf-8").encode(), f"text/xml; charset={charset}") == WORDS["ja"]
    assert title_of(rss(WORDS["ja"], None).encode(), f"text/xml; charset={charset}") == WORDS["ja"]


@pytest.mark.parametrize("declared", ["utf-8", "utf-16", "iso-8859-1", "gb2312", None])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("words", ["zh", "el", "de"])
def test_wide_text_needs_no_mark(words: str, encoding: str, declared: str | None) -> None:
    body = rss(WORDS[words], declared).encode(encoding)
    assert title_of(body) == title_of(body, "application/xml; charset=utf-8") == WORDS[words]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-8"),
        (codecs.BOM_UTF16_BE, "utf-8"),
        (codecs.BOM_UTF8, "cp1252"),
        (codecs.BOM_UTF8 * 2, "utf-8"),
        (codecs.BOM_UTF8, "utf-16-le"),
        (codecs.BOM_UTF16_LE, "utf-16-be"),
        (codecs.BOM_UTF16_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_mark_that_is_wrong_is_not_believed(mark: bytes, encoding: str) -> None:
    assert title_of(mark + rss(WORDS["de"], "utf-8").encode(encoding)) == WORDS["de"]


def test_a_mark_counts_where_nothing_but_the_mark_tells() -> None:
    assert text_of(codecs.BOM_UTF16_LE + "港口早晨".encode("utf-16-le")) == "港口早晨"
    assert text_of(codecs.BOM_UTF16_BE + "港口早晨听海".encode("utf-16-be")) == "港口早晨听海"


LEGACY = [
    ("zh", "gb18030", ["gb18030", "GBK", "gb2312", "gb_2312-80", "x-gbk", "cp936", "EUC-CN"]),
    ("zh-TW", "big5", ["big5", "Big5-HKSCS", "cn-big5", "x-x-big5", "cp950"]),
    ("ja", "cp932", ["Shift_JIS", "x-sjis", "windows-31j", "MS_Kanji", "shift-jis"]),
    ("ja", "euc_jp", ["EUC-JP", "x-euc-jp"]),
    ("ja", "iso2022_jp", ["ISO-2022-JP", "csISO2022JP"]),
    ("ko", "cp949", ["EUC-KR", "ks_c_5601-1987", "windows-949"]),
    ("ru", "koi8_r", ["KOI8-R", "koi8"]),
    ("ru", "koi8_u", ["koi8-u"]),
    ("ru", "cp1251", ["windows-1251", "cp1251", "x-cp1251"]),
    ("ru", "cp866", ["ibm866", "cp866"]),
    ("ru", "iso8859_5", ["ISO-8859-5", "iso8859-5", "iso_8859-5"]),
    ("el", "iso8859_7", ["iso-8859-7"]),
    ("th", "cp874", ["TIS-620", "windows-874", "iso-8859-11"]),
    ("tr", "cp1254", ["iso-8859-9", "windows-1254"]),
    ("de", "cp1252", ["iso-8859-1", "latin1", "us-ascii", "windows-1252", "utf-8", "UTF8", "utf-16"]),
    ("zh", "hz", ["HZ-GB-2312"]),
]
DECLARED = [(words, encoding, label) for words, encoding, labels in LEGACY for label in labels]


@pytest.mark.parametrize(("words", "encoding", "declared"), DECLARED)
def test_other_encodings_are_read_by_the_names_that_publishers_give_them(words: str, encoding: str, declared: str) -> None:
    told = rss(WORDS[words], declared).encode(encoding)
    assert title_of(told) == WORDS[words]
    # Most servers send a default; the document's own declaration wins.
    assert title_of(told, "text/xml; charset=ISO-8859-1") == title_of(told, "text/xml; charset=utf-8") == WORDS[words]
    untold = rss(WORDS[words], None).encode(encoding)
    assert title_of(untold, f"text/xml; charset={declared}") == WORDS[words]
    listed = (
        f'<?xml version="1.0" encoding="{declared}"?><opml><body><outline text="{WORDS[words]}" xmlUrl="{URL}"/></body></opml>'
    )
    assert opml.read(listed.encode(encoding)).feeds[0].title == WORDS[words]
    spoken = f"1\n00:00:01,000 --> 00:00:02,000\n{WORDS[words]}\n\n2\n00:00:03,000 --> 00:00:04,000\n{WORDS[words]}.\n"
    assert transcript(spoken.encode(encoding), f"text/plain; charset={declared}").segments[0].text.startswith(WORDS[words])


def test_gb18030_is_known_where_nobody_names_it() -> None:
    assert title_of(rss(WORDS["zh"] * 3, None).encode("gb18030")) == WORDS["zh"] * 3
    assert title_of(rss(WORDS["zh"] * 3, "utf-8").encode("gb18030")) == WORDS["zh"] * 3


@pytest.mark.parametrize("words", ["Grüße", "Viele Grüße", "Größe und Grüße", "Die größere Größe"])
def test_two_letters_of_a_western_word_are_no_chinese(words: str) -> None:
    assert text_of(words.encode("cp1252")) == words
    assert title_of(rss(words, "utf-8").encode("cp1252")) == words


def test_a_page_of_the_web_may_say_it_in_html() -> None:
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=shift_jis"><title>{WORDS["ja"]}'
    assert WORDS["ja"] in decoded(page.encode("cp932"), "text/html")


@pytest.mark.parametrize(
    ("damage", "shown"),
    [(b"\x92", "’"), (b"\x96", "–"), (b"\xe9", "é"), (b"\xe6\xb8", "\ufffd"), (b"\x81", "\ufffd"), (b"\xf0\x9f\x98", "\ufffd")],
)
def test_a_broken_character_is_mended_and_spoils_no_other(damage: bytes, shown: str) -> None:
    body = rss(WORDS["de"] + WORDS["zh"] + "|", "utf-8").encode().replace(b"|", b" it" + damage + b"s")
    assert title_of(body) == f"{WORDS['de']}{WORDS['zh']} it{shown}s"


def test_a_broken_character_in_another_encoding_spoils_no_other_either() -> None:
    body = rss(WORDS["ja"] * 4 + "|", "shift_jis").encode("cp932").replace(b"|", b"\xff\xff")
    assert title_of(body).startswith(WORDS["ja"] * 4)


def test_a_replacement_character_that_was_written_is_no_damage() -> None:
    assert title_of(rss("One\ufffdtwo", None).encode()) == "One\ufffdtwo"


def test_text_that_was_encoded_twice_is_left_as_it_is() -> None:
    twice = WORDS["de"].encode().decode("cp1252")
    assert title_of(rss(twice, "utf-8").encode()) == twice


def test_ebcdic_is_known_by_its_first_letters() -> None:
    assert title_of(rss("Harbour Radio", "ebcdic-cp-us").encode("cp037")) == "Harbour Radio"


def test_plain_utf_8_is_not_copied() -> None:
    body = rss(WORDS["ko"], "utf-8").encode()
    assert as_utf8(body, "text/xml") is body


@pytest.mark.parametrize(
    "label", ["utf-8", "utf-16be", "unicode_escape", "cp65001", "iso-8859-99", "cp12345", "palmos", "ascii\x00"]
)
def test_no_codec_is_named_for_what_bytes_prove_or_nobody_knows(label: str) -> None:
    assert codec(label) in (None, "cp1252")
    assert (codec(label) is None) == (label != "ascii\x00")


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"\xff\xfe", b"\xff\xfe\x00\x00", b"\x00" * 9, b"\xef\xbb\xbf" * 5, b"\x1b$", b"~{"]
)
def test_whatever_comes_something_is_answered(body: bytes) -> None:
    assert isinstance(text_of(body, "text/plain; charset=iso-2022-jp"), str)
    as_utf8(body, "text/plain; charset=hz").decode("utf-8")
