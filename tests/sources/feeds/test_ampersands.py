from __future__ import annotations

import subprocess

import pytest

from core.domain.feeds.feed import FeedEntry
from core.sources.feeds.ampersands import mended
from core.sources.feeds.parse import parse
from core.sources.feeds.reading import read_feed

URL = "https://pods.example/feed.xml"
QUERIES = [
    "a=1&copy=2",
    "a=1&section=2&sect=3",
    "x&reg=1&trade=2&times=3&para=4&micro=5&not=6&amp=7&lt=8&gt=9&quot=10",
    "id=7&notify=1&degree=2&order=3&euro=4&image=5",
    "n=1&#169=2&x&",
    "utm=a&middot.b=1&yen-x=2",
]


def feed(inside: str, *, broken: bool = True) -> bytes:
    """Broken by more than its ampersands, so that no strict parser has it."""
    return (
        f"<rss version='2.0'><channel><title>Show</title>{'<p>' if broken else ''}<item>{inside}</item></channel></rss>".encode()
    )


def entry(body: bytes) -> FeedEntry:
    (found,) = read_feed(body, URL).entries
    assert parse(body, URL).entries == (found,)
    return found


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("query", QUERIES)
def test_an_address_is_read_as_it_stands(query: str, broken: bool) -> None:
    address = f"https://a.example/p?{query}"
    inside = f"<title>One</title><guid>{address}</guid><link>{address}</link><enclosure url='{address}' type='audio/mpeg'/>"
    found = entry(feed(inside, broken=broken))
    assert (found.guid, found.link, found.enclosure_url) == (address, address, address)
    rightly = inside.replace("&", "&amp;")
    assert entry(feed(rightly, broken=False)).guid == address


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("R&D at AT&T", "R&D at AT&T"),
        ("Q & A", "Q & A"),
        ("Caf&eacute;&nbsp;&ndash; 2&frac12;", "Café – 2½"),
        ("R&amp;D &#233;&#xe9;", "R&D éé"),
        ("Hi &#55357;&#56832; &#xD83C;&#xdf99;!", "Hi 😀 🎙!"),
        ("A &#xD83D; B &#0;C&#11; &#x1F399; &#1114112;D", "A \ufffd B C 🎙 \ufffdD"),
        ("&copy; 2020, &bogus; &", "© 2020, &bogus; &"),
        ("<![CDATA[R&D &amp; you]]>", "R&D & you"),
        ("A<!-- &copy= & --> & B", "A & B"),
    ],
)
def test_text_keeps_its_ampersands(written: str, title: str, broken: bool) -> None:
    inside = f"<title>{written}</title><enclosure url='https://a.example/1.mp3' type='audio/mpeg'/>"
    assert entry(feed(inside, broken=broken)).title == title


def test_ampersands_alone_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    inside = "<title>R&D &nbsp;</title><enclosure url='https://a.example/1.mp3?a=1&copy=2' type='audio/mpeg'/>"
    (found,) = read_feed(feed(inside, broken=False), URL).entries
    assert (found.title, found.enclosure_url) == ("R&D", "https://a.example/1.mp3?a=1&copy=2")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a>&amp;&lt;&#9;&#x2F;</a>",
        b"<![CDATA[ & ]] ]> & ]]>",
        b"<!-- & - -- & -->",
        b"<![CDATA[ & unclosed",
        b"<!-- & unclosed",
        b"<!DOCTYPE r [<!ENTITY mine 'x'>]><r>&mine;&nbsp;</r>",
    ],
)
def test_what_is_right_or_nobodys_text_is_left_alone(body: bytes) -> None:
    assert mended(body) == body


def test_mending_twice_changes_nothing_more() -> None:
    once = mended(feed("&a &copy; &copy= &&amp; &#x; &nbsp <![CDATA[&]]> &#99999999;"))
    assert mended(once) == once
