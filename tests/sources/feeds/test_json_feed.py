from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import NotAFeed
from core.sources.feeds.parse import parse
from core.sources.feeds.reading import read_feed

URL = "https://pods.example/feed.json"
AUDIO = {"url": "https://a.example/1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 7000, "duration_in_seconds": 90}


def feed(*items: object, **more: object) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Show", "items": items} | more).encode()


def item(**more: object) -> dict[str, Any]:
    return {"id": "1", "title": "One", "attachments": [AUDIO]} | more


def test_a_show_with_an_episode() -> None:
    body = feed(
        item(
            url="/one",
            content_html="<p>Hi <script>x</script></p>",
            image="/1.png",
            date_published="2026-11-24T08:00:00+01:00",
            tags=["a"],
        ),
        home_page_url="https://pods.example/",
        description="About <ships>",
        authors=[{"name": "Ann"}, {"name": "Bob & Co"}],
        icon="/icon.png",
        favicon="/favicon.ico",
        language="de",
        next_url="/feed.json?page=2",
        hubs=[{"type": "WebSub", "url": "https://hub.example/"}],
        _podcast={"x": 1},
    )
    got = read_feed(body, URL, "application/feed+json")
    assert (got.title, got.description, got.author, got.language) == ("Show", "About &lt;ships&gt;", "Ann, Bob & Co", "de")
    assert (got.link, got.image_url, got.next_page) == (
        "https://pods.example/",
        "https://pods.example/icon.png",
        "https://pods.example/feed.json?page=2",
    )
    (entry,) = got.entries
    assert (entry.guid, entry.title, entry.link) == ("1", "One", "https://pods.example/one")
    assert (entry.enclosure_url, entry.enclosure_type, entry.enclosure_bytes, entry.duration) == (
        AUDIO["url"],
        "audio/mpeg",
        7000,
        90.0,
    )
    assert (entry.description, entry.image_url, entry.published_at) == ("<p>Hi </p>", "https://pods.example/1.png", 1795503600.0)


@pytest.mark.parametrize(
    ("more", "name", "expected"),
    [
        ({"content_text": "1 < 2\nand more"}, "description", "1 &lt; 2<br>and more"),
        ({"summary": "In short"}, "description", "In short"),
        ({"content_html": "<p></p>", "content_text": "Told"}, "description", "Told"),
        ({"id": 7}, "guid", "7"),
        ({"id": 7.5}, "guid", "7.5"),
        ({"id": None}, "guid", "a.example/1.mp3"),
        ({"title": "R&D <live>"}, "title", "R&D <live>"),
        ({"title": None}, "title", ""),
        ({"external_url": "https://b.example/x"}, "link", "https://b.example/x"),
        ({"banner_image": "https://b.example/b.png"}, "image_url", "https://b.example/b.png"),
        ({"date_modified": "2026-11-24T08:00:00Z"}, "published_at", 1795507200.0),
        ({"attachments": [AUDIO | {"size_in_bytes": "x", "duration_in_seconds": "1:30"}]}, "duration", 90.0),
        ({"attachments": [AUDIO | {"size_in_bytes": 7000.0}]}, "enclosure_bytes", 7000),
        ({"attachments": [{"url": "/1.jpg", "mime_type": "image/jpeg"}, AUDIO]}, "enclosure_url", AUDIO["url"]),
        ({"attachments": [{"url": "/1.mp3"}, AUDIO]}, "enclosure_url", "https://pods.example/1.mp3"),
    ],
)
def test_an_item_is_read_as_it_is_meant(more: dict[str, object], name: str, expected: object) -> None:
    (entry,) = parse(feed(item(**more)), URL).entries
    assert getattr(entry, name) == expected


def test_version_1_has_one_author_and_may_begin_with_a_mark() -> None:
    body = feed(item(), version="https://jsonfeed.org/version/1", author={"name": "Ann"})
    assert read_feed(b"\xef\xbb\xbf\n " + body, URL).author == "Ann"
    assert read_feed(json.loads(body) and body.decode().encode("utf-16"), URL).author == "Ann"


@pytest.mark.parametrize(
    "attachments",
    [None, [], {}, "x", [None], [{"url": "javascript:x", "mime_type": "audio/mpeg"}], [{"mime_type": "audio/mpeg"}]],
)
def test_an_item_without_audio_is_no_episode(attachments: object) -> None:
    got = parse(feed(item(attachments=attachments), item(id="2"), 7, None), URL)
    assert [e.guid for e in got.entries] == ["2"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}",
        b'{"items":[]}',
        b'{"version":"https://jsonfeed.org/version/1","items":{}}',
        b'{"chapters":[],"version":"1.2.0"}',
        b'{"a":' * 50_000,
        b"[1]",
        b'{"version":NaN',
    ],
)
def test_other_json_is_no_feed(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        read_feed(body, URL)


def test_half_a_character_breaks_nothing() -> None:
    body = b'{"version":"https://jsonfeed.org/version/1","title":"A\\ud800","items":[{"id":"\\udc00","attachments":[{"url":"/1.mp3"}]}]}'
    (entry,) = read_feed(body, URL).entries
    assert entry.guid == "?"
