from __future__ import annotations

import pytest

from core.domain.feeds.feed_address import carries_key, leads_elsewhere, private, shown, typed
from core.domain.feeds.feed_credentials import FeedCredentials


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
        "https://private.example/x/abcdefgh1ijklm2nopqr",
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
        "https://a.example/abcdefgh1ijklm2nopq/feed",
        "https://a.example/abcdefgh1ijklmnopqr2/feed",
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


def test_the_user_of_an_address_becomes_its_access_unless_one_is_given() -> None:
    bare = "https://a.example/feed"
    assert private("https://anna:pw@a.example/feed", None) == (bare, FeedCredentials.of(bare, user="anna", password="pw"))
    assert private("https://anna@a.example/feed", None) == (bare, FeedCredentials.of(bare, user="anna"))
    assert private("https://:pw@a.example/feed", None) == (bare, FeedCredentials.of(bare, password="pw"))
    given = FeedCredentials.of(bare, token="t")
    assert private("https://anna:pw@a.example/feed", given) == (bare, given)
    assert private(bare, None) == (bare, None)


@pytest.mark.parametrize(
    ("url", "as_shown"),
    [
        ("https://me:secret@pods.example:8443/feed.xml?token=abc#x", "https://pods.example:8443/feed.xml"),
        ("https://pods.example/private/9f8e7d6c5b4a39281706f5e4/feed.xml", "https://pods.example/private/…/feed.xml"),
        ("https://pods.example/6b1c7f52-0d1e-4a59-9c7e-2f1f4f3b8a10/", "https://pods.example/…/"),
        # Few digits, or few letters, among twenty are enough for a key.
        ("https://pods.example/f/abcdefgh4ijkl2mnop3qrs7t/feed.xml", "https://pods.example/f/…/feed.xml"),
        ("https://pods.example/f/10293847a5610b29384c756d/feed.xml", "https://pods.example/f/…/feed.xml"),
        ("https://pods.example/f/a1b2c3d4e5f6a7b8c9d0/feed.xml", "https://pods.example/f/…/feed.xml"),
        ("https://pods.example/2024-01-05-the-long-title-of-it", "https://pods.example/2024-01-05-the-long-title-of-it"),
        ("https://pods.example/seasons/episode_number_eleven", "https://pods.example/seasons/episode_number_eleven"),
        # Two words joined by hyphens are a name, one is not; three digits or three letters are no key.
        ("https://pods.example/winter-evening-1234567890", "https://pods.example/winter-evening-1234567890"),
        ("https://pods.example/winter-ab12cd34ef56gh78", "https://pods.example/…"),
        ("https://pods.example/winter-of-12345678901234", "https://pods.example/…"),
        ("https://pods.example/winter-ice-1234567890123", "https://pods.example/winter-ice-1234567890123"),
        ("https://pods.example/abcdefghijklmnopqrst123", "https://pods.example/abcdefghijklmnopqrst123"),
        ("https://pods.example/abcdefghijklmnopqrst1234", "https://pods.example/…"),
        ("https://pods.example/12345678901234567890abc", "https://pods.example/12345678901234567890abc"),
        ("https://pods.example/12345678901234567890abcd", "https://pods.example/…"),
        ("https://pods.example/a1b2c3d4e5f6a7b8c9d", "https://pods.example/a1b2c3d4e5f6a7b8c9d"),
        ("https://pods.example/" + "long/" * 50, ("https://pods.example/" + "long/" * 50)[:200]),
        ("https://me:secret@[pods.example/", "https:…"),
        ("x" * 30 + "://me:secret@[pods.example/", "x" * 20 + ":…"),
        ("me:secret@pods.example/feed", "pods.example/feed"),
        ("mailto:me?secret", "mailto:me"),
        ("mailto:me#secret", "mailto:me"),
        ("y" * 300, "y" * 200),
    ],
)
def test_secrets_are_not_shown(url: str, as_shown: str) -> None:
    assert "secret" not in shown(url)
    assert shown(url) == as_shown
