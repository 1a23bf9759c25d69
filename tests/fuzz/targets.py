"""Fuzz targets: a parser of foreign bytes, seeds in its format, and an invariant of every result.

A parser returns a value or raises one of the errors in its docstring. Any other exception is a finding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from core.domain.episodes.publisher_extras import Chapters, SuppliedTranscript
from core.domain.feeds.feed import FeedEntry, ParsedFeed
from core.domain.feeds.imports import Outlines
from core.errors import CastMindError, NotAFeed, NotOpml, TooLarge, UserError
from core.sources import opml
from core.sources.encodings import decoded
from core.sources.feeds import parse
from core.sources.feeds.dates import moment
from core.sources.feeds.durations import seconds
from core.sources.markup import tags
from core.sources.publisher import chapters, transcript

URL = "https://pods.example/feed.xml"
FEED = (
    b"<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "
    b"xmlns:podcast='https://podcastindex.org/namespace/1.0'><channel><title>A &amp; B</title><ttl>60</ttl>"
    b"<itunes:image href='/c.png'/><item><title><![CDATA[One <b>]]></title><guid>1</guid>"
    b"<pubDate>Sun, 22 Nov 2026 10:00:00 +0100</pubDate><itunes:duration>1:02:03</itunes:duration>"
    b"<podcast:person role='host'>Ann</podcast:person><podcast:transcript url='t.vtt' type='text/vtt'/>"
    b"<enclosure url='a.mp3' length='12' type='audio/mpeg'/><description>&lt;p onclick=x&gt;Hi</description></item>"
    b"</channel></rss>"
)
ATOM = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title><entry><id>urn:1</id><title type='html'>B</title>"
    b"<link rel='enclosure' href='http://a.example/1.mp3' type='audio/mpeg'/>"
    b"<updated>2026-01-01T00:00:00Z</updated></entry></feed>"
)
OPML = (
    b"<?xml version='1.0'?><opml version='2.0'><head><title>Mine</title></head><body><outline text='News'>"
    b"<outline type='rss' text='One' xmlUrl='https://a.example/1.xml' htmlUrl='https://a.example/'/></outline></body></opml>"
)
VTT = b"WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000 align:start\n<v Ann>Hello <i>there</i>.\n\n00:05.000 --> 00:07.500\nYes.\n"
SRT = "1\r\n00:00:01,000 --> 00:00:04,000\r\nAnn: Hello.\r\n\r\n2\r\n00:00:04,000 --> 00:00:06,000\r\n你好。\r\n".encode()
JSON = b'{"version":"1.0.0","segments":[{"speaker":"Ann","startTime":0.5,"endTime":2,"body":"Hello."},{"start":2,"text":"Yes"}]}'
HTML = b"<cite>Ann:</cite> <time>1:02</time> <p>Hello there.</p><p>And <b>more</b>.</p>"
CHAPTERS = (
    b'{"version":"1.2.0","chapters":[{"startTime":0,"title":"Intro"},{"startTime":12.5,"title":"Two","url":"x","toc":true}]}'
)
SPEECH = (
    b'[{"start":"1.5","end":4,"text":"<b>Hello</b> there."},{"startTime":4,"endTime":5,"speaker":"Ann","body":"- Yes.\\n- No."}]'
)
PLAIN = "Ann: Hello there.\nHow are you?\n\nBob: Fine.\n\n[Music]\n\n- Yes.\n- No.\n\n王：你好。\n".encode()
SIMPLE = (
    b"<rss version='2.0' xmlns:psc='http://podlove.org/simple-chapters'><channel><title>A</title><item><guid>1</guid>"
    b"<enclosure url='http://a.example/1.mp3' type='audio/mpeg'/><psc:chapters version='1.2'><psc:chapter start='0' title='One' "
    b"href='http://a.example/' image='c.png'/><psc:chapter start='01:02:03.250' title='Two'/></psc:chapters></item></channel>"
    b"</rss>"
)
JSON_FEED = (
    b'{"version":"https://jsonfeed.org/version/1.1","title":"A","home_page_url":"https://a.example/","next_url":"?page=2",'
    b'"icon":"c.png","authors":[{"name":"Ann"}],"items":[{"id":"1","title":"One","url":"https://a.example/1","image":"1.png",'
    b'"content_html":"<p onclick=x>Hi","content_text":"Hi","date_published":"2026-01-01T00:00:00Z","attachments":[{"url":'
    b'"https://a.example/1.mp3","mime_type":"audio/mpeg","size_in_bytes":12.0,"duration_in_seconds":60}]},{"id":2,"attachments":'
    b'[{"url":"2.mp3","mime_type":"audio/mpeg"}]}]}'
)


@dataclass(frozen=True, slots=True)
class Target:
    """A target. `run` raises for a finding. `words` are tokens of its format."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...]


def _web(url: str | None) -> bool:
    return url is None or (urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname))


def _line(text: str) -> bool:
    return not any(ord(c) < 32 or 0x202A <= ord(c) <= 0x202E for c in text)


def _check_feed(made: ParsedFeed) -> None:
    assert _line(made.title) and _web(made.link) and _web(made.image_url) and _web(made.next_page) and _web(made.moves_to)
    assert _line(made.author) and (made.ttl is None or (math.isfinite(made.ttl) and made.ttl > 0))
    assert len({entry.guid for entry in made.entries}) <= len(made.entries)
    for entry in made.entries:
        assert _line(entry.title) and len(entry.title) <= 500 and entry.guid
        assert urlsplit(entry.enclosure_url).scheme in ("http", "https") and _web(entry.link) and _web(entry.image_url)
        assert "<script" not in entry.description.lower() and "javascript:" not in entry.description.lower()
        assert entry.duration is None or (math.isfinite(entry.duration) and entry.duration > 0)
        assert all(_web(offer.url) for offer in entry.offers)
        assert entry.published_at is None or math.isfinite(entry.published_at)
        assert entry.enclosure_bytes is None or 0 <= entry.enclosure_bytes < 2**63
        assert entry.number is None or math.isfinite(entry.number)
        assert entry.season is None or abs(entry.season) < 2**63
        _check_row(entry)
        if entry.chapters:
            _check_chapters(Chapters(entry.chapters))


def _check_row(entry: FeedEntry) -> None:
    """Check that an entry can be written to the database and as JSON."""
    assert len(entry.digest) == 32
    for text in (entry.guid, entry.title, entry.description, entry.enclosure_url, entry.link or "", entry.image_url or ""):
        text.encode("utf-8")


def _check_same(data: bytes) -> None:
    """Check that the quick parser agrees with feedparser, or defers to it."""
    if quick := parse.quickly(data, URL):
        assert quick == parse.parse(data, URL)


def _check_time(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for found in (moment(text), seconds(text)):
        assert found is None or math.isfinite(found)
    assert (length := seconds(text)) is None or length > 0
    assert math.isnan(at := chapters.play_time(text)) or 0 <= at < 1e10


def _check_transcript(made: SuppliedTranscript) -> None:
    assert made.segments
    for segment in made.segments:
        segment.text.encode("utf-8")
        assert _line(segment.text) and _line(segment.speaker or "") and "<script" not in segment.text.lower()
        assert segment.text and math.isfinite(segment.start) and 0 <= segment.start <= segment.end < math.inf
    starts = [segment.start for segment in made.segments]
    assert not made.timed or starts == sorted(starts)


def _check_chapters(made: Chapters) -> None:
    starts = [chapter.start for chapter in made.items]
    assert starts and starts == sorted(starts) and all(math.isfinite(s) and s >= 0 for s in starts)
    assert len(starts) <= chapters.MOST and all(_web(chapter.picture) for chapter in made.items)
    assert all(chapter.title and _line(chapter.title) and _web(chapter.link) for chapter in made.items)


def _check_opml(made: Outlines) -> None:
    assert made.feeds and all(outline.url and _line(outline.title) for outline in made.feeds)
    again = opml.read(opml.write(made.feeds, title=made.title, now=0.0))
    assert {o.url: o.folder for o in again.feeds} == {o.url: o.folder for o in made.feeds}


def _target(read: Callable[[bytes], Any], check: Callable[[Any], None], *allowed: type[CastMindError]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        try:
            made = read(data)
        except allowed:
            return
        check(made)

    return run


_transcript = _target(transcript.parse, _check_transcript, UserError)
_TIMES = (b"-->", b"00:00:01.000", b"99:99:99,999", b"\n\n", b"<v ", b"WEBVTT", b":", b"\xef\xbb\xbf", b"\r")
_XML = (
    b"<",
    b"/>",
    b"</",
    b"<![CDATA[",
    b"]]>",
    b"&amp;",
    b"&#0;",
    b"&#x202e;",
    b"<!--",
    b"<!DOCTYPE",
    b"<!ENTITY x 'y'>",
    b"&x;",
    b"<?",
)
_JSON_WORDS = (
    b"null",
    b"1e999",
    b"-1",
    b"NaN",
    b"[[[[",
    b'"',
    b"{",
    b"}",
    b"true",
    b"\\u0000",
    b"\\ud800",
    b'"startTime":',
    b'"title":',
)

TARGETS: Mapping[str, Target] = {
    "feed": Target(
        _target(lambda data: parse.parse(data, URL), _check_feed, NotAFeed),
        (FEED, ATOM),
        (
            *_XML,
            b"url='javascript:x'",
            b"file:///etc/passwd",
            b"http://[",
            b"length='-1'",
            b"encoding='gbk'",
            b"<enclosure ",
            b"1e999",
        ),
    ),
    "opml": Target(
        _target(opml.read, _check_opml, NotOpml, TooLarge),
        (OPML,),
        (*_XML, b"xmlUrl='x'", b"<outline ", b"encoding='utf-16'", b"\xff\xfe"),
    ),
    "page": Target(
        _target(lambda data: list(tags(decoded(data), "a")), lambda made: None),
        (b"<!doctype html><a href='/feed.xml'>Feed</a><link rel=alternate href=x>", HTML),
        _XML,
    ),
    "vtt": Target(_transcript, (VTT,), _TIMES),
    "srt": Target(_transcript, (SRT,), _TIMES),
    "transcript": Target(_transcript, (JSON, HTML), (*_JSON_WORDS, *_TIMES, b"<time>", b"<p>", b"</p>", b"<cite>")),
    "spoken_json": Target(
        _transcript, (SPEECH, JSON), (*_JSON_WORDS, b'"speaker":', b'"body":', b'"end":', b"\\n", b"<v Ann>", b"&lt;")
    ),
    "html": Target(
        _transcript, (HTML,), (b"<time>", b"</time>", b"<p>", b"</p>", b"<cite>", b"</cite>", b"<br>", b"&#0;", b"1:02", *_XML)
    ),
    "plain": Target(_transcript, (PLAIN,), (b"Ann: ", b"- ", b">> ", b"\n\n", b"\r", b"[", b"<v ", b"&amp;", b"\xe2\x80\x93 ")),
    "simple_chapters": Target(
        _target(lambda data: parse.parse(data, URL), _check_feed, NotAFeed),
        (SIMPLE,),
        (*_XML, b"start='99:99:99'", b"start='-1'", b"<psc:chapter ", b"title=''", b"href='javascript:x'", b"npt:", b"1e999"),
    ),
    "json_feed": Target(
        _target(lambda data: parse.parse(data, URL), _check_feed, NotAFeed),
        (JSON_FEED,),
        (*_JSON_WORDS, b'"url":', b'"id":', b'"items":[', b'"attachments":', b"javascript:x", b"http://[", b"<script>", b"1e400"),
    ),
    "quick": Target(
        _check_same, (FEED, ATOM, SIMPLE), (*_XML, b" xmlns:x='y'", b"xml:base='/a'", b"<itunes:title>", b"\r\n", b"&#xd;")
    ),
    "times": Target(
        _check_time,
        (b"Sun, 22 Nov 2026 10:00:00 +0100", b"2026-01-01T00:00:00.5Z", b"1h 2m 3s", b"PT1H2M3S", b"01:02:03.5", b"1795000000"),
        (
            b"CET",
            b"+9999",
            b"-00:00",
            b"24:00",
            b"0000",
            b"99999",
            b"PM",
            b"e9",
            b".",
            b":",
            "２".encode(),
            "²".encode(),
            "年".encode(),
        ),
    ),
    "chapters": Target(_target(lambda data: chapters.parse(data, URL), _check_chapters, UserError), (CHAPTERS,), _JSON_WORDS),
}
