from __future__ import annotations

import hashlib

import pytest

from core.errors import NotAFeed
from core.sources.feeds.fetch import FetchedFeed
from core.sources.feeds.not_a_feed import instead_of_feed

AT = "https://show.example/about/"
RSS = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'


def instead(body: bytes | str) -> NotAFeed:
    data = body.encode() if isinstance(body, str) else body
    return instead_of_feed(FetchedFeed(data, hashlib.sha256(data).hexdigest(), AT))


@pytest.mark.parametrize(
    ("page", "feeds"),
    [
        (f"<!doctype html><html><head>{RSS}</head></html>", ["https://show.example/feed.xml"]),
        (
            f"\ufeff\n<!-- x --><HTML><HEAD>{RSS.upper().replace('/FEED.XML', '/feed.xml')}</HEAD>",
            ["https://show.example/feed.xml"],
        ),
        (
            "<html><base href='https://cdn.example/x/'><link href=a.atom type='application/atom+xml' rel='alternate nofollow'>"
            "<link rel=alternate type=application/rss+xml href=https://other.example/rss?show=1&amp;x=2></html>",
            ["https://cdn.example/x/a.atom", "https://other.example/rss?show=1&x=2"],
        ),
        (
            "<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'>" + RSS + "</html>",
            ["https://show.example/feed.xml"],
        ),
        ("<html><link rel=stylesheet href=a.css><link rel=alternate hreflang=de href=/de><a href=/feed.xml>RSS</a></html>", []),
        ("<html><link rel=alternate type=application/rss+xml href='javascript:alert(1)'></html>", []),
        ("<title>Sign in to the network</title><form></form>", []),
        (f"<html>{RSS * 50}" + "".join(RSS.replace("feed.xml", f"{n}.xml") for n in range(50)), None),
    ],
)
def test_a_page_offers_the_feeds_that_it_declares(page: str, feeds: list[str] | None) -> None:
    error = instead(page)
    assert "web page" in error.detail
    found = str(error.params["feeds"]).split()
    assert found == feeds if feeds is not None else len(found) == 5
    assert ("names" in error.detail) == bool(found)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "nothing"),
        (b" \n ", "nothing"),
        (b"404 page not found", "text"),
        (b'{"error": "gone"}', "text"),
        (b"<?xml version='1.0'?><opml></opml>", "XML of another kind"),
        (b"%PDF-1.4", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0", "a picture"),
        (b"ID3\x04\0\0", "audio"),
        (b"PK\x03\x04", "an archive"),
        (b"\0\1\2\3", "cannot be read"),
    ],
)
def test_anything_else_is_named(body: bytes, words: str) -> None:
    error = instead(body)
    assert "feeds" not in error.params
    assert words in error.detail
