from __future__ import annotations

import pytest

from core.domain.feeds.feed_address import carries_key, leads_elsewhere, typed


def test_addresses_may_be_pasted_as_apps_show_them() -> None:
    assert typed("feed://example.com/rss#top") == "https://example.com/rss"
    assert typed("feed:http://example.com/rss") == "http://example.com/rss"
    assert typed(" example.com/rss?a=1 ") == "https://example.com/rss?a=1"
    assert typed("http://example.com/a:b") == "http://example.com/a:b"


@pytest.mark.parametrize(
    "url",
    [
        "https://user:word@a.example/feed",
        "https://user@a.example/feed",
        "https://a.example/feed?token=abc",
        "https://a.example/feed?auth=1&x=2",
        "https://www.patreon.example/rss/show?auth=xIsJb7v3kQ",
        "https://feeds.example/rss/1f3870be274f6c49b3e31a0c6728957f",
        "https://private.example/feeds/a81b2c3d-9f0e1d2c3b4a59687f6e5d4c",
        "https://private.example/x/q9w8e7r6t5y4u3i2o1p0.xml",
        "http://[broken/feed",
    ],
)
def test_an_address_that_is_one_listeners_own_is_noticed(url: str) -> None:
    assert carries_key(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/feed.xml",
        "https://feeds.example/the-very-long-name-of-a-show-about-podcasting/rss",
        "https://feeds.example/show/2024/05/17/episodes.rss?format=mp3&page=2",
        "https://feeds.megaphone.example/GLT1412515089",
        "https://rss.example/s/92f1b2c8/podcast/rss",
        "https://a.example/thisisaverylongnamewithoutadigit/feed",
        "https://feeds.acast.example/public/shows/5ea17537-f11f-4532-8202-294d976b9d5c",
        "https://播客.example/订阅.xml",
    ],
)
def test_an_address_that_everybody_has_is_not(url: str) -> None:
    assert not carries_key(url)


@pytest.mark.parametrize(
    "there",
    [
        "https://a.example/feed",
        "https://A.Example:443/feed#now",
        " https://a.example./%66eed",
        "http://a.example/feed",
        "http://a.example:80/feed",
    ],
)
def test_another_spelling_of_a_place_leads_nowhere(there: str) -> None:
    assert not leads_elsewhere("https://a.example/feed", there)


@pytest.mark.parametrize(
    "there",
    [
        "https://b.example/feed",
        "https://a.example:8443/feed",
        "https://a.example/feed/",
        "https://a.example/Feed",
        "https://a.example/feed?x=1",
        "https://a.example:x/feed",
    ],
)
def test_another_place_is_elsewhere(there: str) -> None:
    assert leads_elsewhere("https://a.example/feed", there)


def test_from_http_to_https_is_a_step() -> None:
    assert leads_elsewhere("http://a.example/feed", "https://a.example/feed")
