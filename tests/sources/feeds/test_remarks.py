from __future__ import annotations

import pytest

from core.domain.feeds.remarks import FeedRemarks
from core.sources.feeds.remarks import standing
from tests.growth import grows_in_line

ITEM = "<item><title>One</title><enclosure url='https://a.example/1.mp3' type='audio/mpeg'/></item>"
RSS = f"<?xml version='1.0'?><rss version='2.0'><channel><title>A</title>{ITEM * 3}</channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title><entry><id>1</id></entry></feed>"

WHOLE = {
    "rss": (RSS, 3),
    "atom": (ATOM, 1),
    "atom with a prefix": (
        ATOM.replace("<feed xmlns", "<a:feed xmlns:a").replace("<entry", "<a:entry").replace("</feed", "</a:feed"),
        1,
    ),
    "rdf": ("<rdf:RDF><channel/><item/><item/></rdf:RDF>", 2),
    "white space and a comment behind": (RSS + "\n\n<!-- cached by a plugin, 0.2 s -->\n", 3),
    "capitals": (RSS.upper(), 3),
    "notes that speak of feeds": (RSS.replace("One", "<![CDATA[<item> and </rss> are tags]]>"), 3),
    "a comment with an item": (RSS.replace("</channel>", "<!-- <item></item> --></channel>"), 3),
    "utf-16": (RSS.encode("utf-16"), 3),
    "no items": ("<rss><channel><title>A</title></channel></rss>", 0),
}
CUT = {
    "in the midst of an item": RSS[:-60],
    "behind an item": RSS.replace("</channel></rss>", ""),
    "before the last tag": RSS.replace("</rss>", ""),
    "in the last tag": RSS[:-1],
    "a server's words in place of the rest": RSS.replace("</channel></rss>", "<b>Fatal error</b>: memory exhausted in feed.php"),
    "in character data": RSS.replace("One", "<![CDATA[long notes")[:200],
    "in a comment that holds an end": RSS.replace("</channel></rss>", "<!-- </rss>"),
    "with notes that hold an end": RSS.replace("One", "<![CDATA[</rss>]]>").replace("</channel></rss>", ""),
    "utf-16": RSS[:-40].encode("utf-16"),
    "atom": ATOM.replace("</feed>", ""),
}


def bytes_of(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_feed_is_whole_and_its_items_are_counted(name: str) -> None:
    text, items = WHOLE[name]
    assert standing(bytes_of(text)) == FeedRemarks(items)


@pytest.mark.parametrize("name", CUT)
def test_one_that_was_cut_off_is_seen(name: str) -> None:
    assert standing(bytes_of(CUT[name])).cut_off


@pytest.mark.parametrize(
    ("tag", "complete"),
    [
        ("<itunes:complete>Yes</itunes:complete>", True),
        ("<itunes:complete> yes </itunes:complete>", True),
        ("<itunes:complete>no</itunes:complete>", False),
        ("<itunes:complete/>", False),
        ("<podcast:updateFrequency complete='true'>done</podcast:updateFrequency>", True),
        ('<podcast:updateFrequency rrule="FREQ=WEEKLY" complete="false">weekly</podcast:updateFrequency>', False),
        ("<!-- <itunes:complete>yes</itunes:complete> -->", False),
        ("<description><![CDATA[<itunes:complete>yes</itunes:complete>]]></description>", False),
    ],
)
def test_a_show_says_that_it_is_finished(tag: str, complete: bool) -> None:
    assert standing(RSS.replace("<title>A", f"{tag}<title>A").encode()).complete is complete


def test_a_json_feed() -> None:
    assert standing(b'{"version": "https://jsonfeed.org/version/1.1", "items": [{}, {}], "expired": true}') == FeedRemarks(
        2, complete=True
    )
    assert standing(b'{"items": [{}, {').cut_off


@pytest.mark.parametrize(
    "worst", [b"<!--", b"<![CDATA[", b"<item ", b"</rss", b"<x:complete ", b"<x:updatefrequency ", b"<item/>", b"<a:"]
)
def test_time_grows_with_the_length_alone(worst: bytes) -> None:
    grows_in_line(standing, lambda size: b"<rss>" + worst * (size // len(worst)), 1 << 17)
