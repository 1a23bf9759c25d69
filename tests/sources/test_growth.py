"""Hostile documents take a parser time linear in their length.

Each parser reads the worst case of its format at one and at eight times the length (tests/growth.py).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from itertools import product

import pytest

from core.errors import CastMindError
from core.sources import encodings, opml, sanitize
from core.sources.feeds import ampersands, parse
from core.sources.feeds.shape import tame
from core.sources.markup import pieces, tags
from core.sources.publisher import chapters, transcript
from tests.growth import grows_in_line, most_long

SHORT, LONG = 16_000, 1_200_000

# The repeated piece, and for some a prefix or suffix.
FAMILIES: Mapping[str, tuple[str, str, str]] = {
    "unclosed paragraphs": ("", "<p>", ""),
    "unclosed voices": ("", "<v ", ""),
    "voices": ("", "<v A>", ""),
    "unclosed times": ("", "<time ", ""),
    "cites that open": ("", "<cite>", ""),
    "breaks that never close": ("", "<br ", ""),
    "tags that never end": ("<p ", "a", ""),
    "names of tags": ("", "<" + "a" * 61, ""),
    "closing tags": ("", "</p", ""),
    "nested": ("", "<div><span>", ""),
    "scripts": ("", "<script>", ""),
    "closed scripts": ("", "<script></script>", ""),
    "outlines": ("", "<outline ", ""),
    "comments": ("", "<!--", ""),
    "closed comments": ("", "<!-- -->", ""),
    "declarations": ("", "<!", ""),
    "sections": ("", "<![CDATA[", ""),
    "less than": ("", "<", ""),
    "greater than": ("", ">", ""),
    "double quotes": ('<outline a="', "\"'", ""),
    "single quotes": ("<p a='", "'", ""),
    "attributes": ("<outline ", 'a="b" ', ">"),
    "attributes without end": ("<a ", "b='", ""),
    "equal signs": ("<a ", "b = ", ">"),
    "ampersands": ("", "&", ""),
    "entities": ("", "&amp;", ""),
    "entities in entities": ("", "&amp;lt;p&amp;gt;", ""),
    "numbers of characters": ("", "&#x41;&#9", ""),
    "opening brackets": ("", "[", ""),
    "braces": ("", "{", ""),
    "round brackets": ("", "(", ""),
    "deep JSON": ('{"segments":', "[", ""),
    "deep objects": ("", '{"a":', ""),
    "empty objects": ("[", "{},", "{}]"),
    "empty segments": ('{"segments":[', "{},", "{}]}"),
    "empty chapters": ('{"chapters":[', "{},", "{}]}"),
    "a long number": ('{"chapters":[{"startTime":', "9", ',"title":"x"}]}'),
    "a long fraction": ('{"segments":[{"body":"x","startTime":0.', "1", "}]}"),
    "many minus signs": ("[", "-", "]"),
    "backslashes": ('["', "\\\\", '"]'),
    "escapes": ('{"segments":[{"body":"', "\\u003cp\\u003e", '"}]}'),
    "digits": ("", "1", ""),
    "digits and colons": ("", "1:", ""),
    "stamps": ("", "00:00:00.000 ", ""),
    "stamps and arrows": ("", "0:00 --> ", ""),
    "arrows": ("", "-->", ""),
    "cues": ("", "0:00 --> 0:01\n", ""),
    "cues with text": ("", "0:00 --> 0:01\nA: b\n", ""),
    "cues with dashes": ("", "0:00 --> 0:01\n- a\n- b\n", ""),
    "dashes": ("", "- a\n", ""),
    "chevrons": ("", ">> ", ""),
    "blank lines": ("", "\n", ""),
    "lines of blanks": ("", " \n\t\n", ""),
    "blanks": ("", " ", ""),
    "blanks before an arrow": ("0:00", " ", "-->"),
    "returns": ("", "\r", ""),
    "colons": ("A", ":", ""),
    "names": ("", "Ann: ", ""),
    "names in lines": ("", "Ann: a\n\n", ""),
    "capitals": ("", "A ", ""),
    "full stops": ("", ".", "x"),
    "quotes behind a stop": ("", '."', "x"),
    "zeros": ("", "\0", ""),
    "broken UTF-8": ("", "\xff", ""),
    "Chinese": ("", "\u4e2d", ""),
}
ENCLOSURE = "<enclosure url='https://a.example/1.mp3' type='audio/mpeg'/>"
HEADS = {
    "as it is": "",
    "webvtt": "WEBVTT\n\n00:00.000 --> 00:01.000\n",
    "subrip": "1\n00:00:00,000 --> 00:00:01,000\n",
    "html": "<cite>A</cite><time>0:01</time><p>",
}


def made(family: str, size: int) -> bytes:
    front, unit, back = FAMILIES[family]
    text = front + unit * (size // len(unit)) + back
    return text.encode("latin-1" if family == "broken UTF-8" else "utf-8")


def check(read: Callable[[bytes], object], make: Callable[[int], bytes], size: int) -> None:
    """Measure the growth; a refusal is a valid result."""

    def answered(body: bytes) -> None:
        with contextlib.suppress(CastMindError):
            read(body)

    grows_in_line(answered, make, size)


def feed(body: bytes) -> object:
    """Parse as the server does: a feed that the quick parser declines is parsed in a process with limits."""
    parse.quickly(body, "https://a.example/")
    return parse.parse(body, "https://a.example/") if tame(body) else None


PARSERS: Mapping[str, Callable[[bytes], object]] = {
    "chapters": lambda body: chapters.parse(body, "https://a.example/"),
    "opml": opml.read,
    "tags": lambda body: list(tags(body.decode("latin-1"), "a", "outline", "link")),
    "pieces": lambda body: list(pieces(body.decode("latin-1"))),
    "encodings": encodings.text_of,
    "a feed's bytes": encodings.as_utf8,
    "ampersands": ampersands.mended,
    "title": lambda body: sanitize.clean_line(body.decode("latin-1")),
}


@pytest.mark.parametrize(("family", "head"), most_long(product(FAMILIES, HEADS), every=5))
def test_a_transcript_takes_time_in_proportion_to_its_length(family: str, head: str) -> None:
    check(transcript.parse, lambda size: HEADS[head].encode() + made(family, size), SHORT)


@pytest.mark.parametrize("family", FAMILIES)
def test_words_inside_json_do_too(family: str) -> None:
    def make(size: int) -> bytes:
        line = {"startTime": 0, "body": made(family, 4_000).decode("latin-1")}
        return json.dumps({"segments": [line] * (size // 4_000)}).encode()

    check(transcript.parse, make, SHORT)


@pytest.mark.parametrize(("family", "parser"), most_long(product(FAMILIES, PARSERS), every=7))
def test_so_do_the_other_parsers(family: str, parser: str) -> None:
    check(PARSERS[parser], lambda size: made(family, size), SHORT)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_feed_that_is_parsed_in_the_server_does_too(family: str) -> None:
    def make(size: int) -> bytes:
        words = made(family, size).decode("latin-1").replace("\0", "").replace("]]>", "")
        item = f"<item><title>b</title><description><![CDATA[{words}]]></description>{ENCLOSURE}</item>"
        return f"<rss version='2.0'><channel><title>a</title>{item}</channel></rss>".encode()

    check(feed, make, SHORT)


@pytest.mark.long
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("family", FAMILIES)
def test_ten_megabytes_of_a_transcript(family: str, head: str) -> None:
    check(transcript.parse, lambda size: HEADS[head].encode() + made(family, size), LONG)


@pytest.mark.long
@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_ten_megabytes_of_the_others(family: str, parser: str) -> None:
    check(PARSERS[parser], lambda size: made(family, size), LONG)


NAMES = (
    "title link description guid pubDate author itunes:author dc:creator managingEditor itunes:summary itunes:duration category"
)
OWNER = "<itunes:owner><itunes:name>{0}</itunes:name><itunes:email>{0}</itunes:email></itunes:owner>"
ADDRESSED = "<podcast:person href='{0}' role='{0}'>{0}</podcast:person><podcast:transcript url='{0}' type='{0}' language='{0}'/>"


@pytest.mark.parametrize("unit", ["a", "a@", "a.", "a@a.", "-", " ", "&amp;a", "&lt;a ", "1:", "http://", "%2F", "2024-", "年"])
def test_a_long_text_in_any_other_place_of_a_feed_does_too(unit: str) -> None:
    def make(size: int) -> bytes:
        long = unit * (size // len(unit) // 40)
        inside = "".join(f"<{name}>{long}</{name}>" for name in NAMES.split()) + (OWNER + ADDRESSED).format(long)
        spaces = " ".join(f"xmlns:{name}='{address}'" for name, address in SPACES.items())
        return f"<rss version='2.0' {spaces}><channel>{inside}<item>{inside}{ENCLOSURE}</item></channel></rss>".encode()

    check(feed, make, 4 * SHORT)


SPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
}
