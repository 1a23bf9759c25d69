from __future__ import annotations

import pytest

from core.domain.imports import TRIES, Kind, again, carries_key, choose
from core.errors import BadAddress, DownloadFailed, FeedUnavailable, NetworkUnreachable, NotAFeed


def test_lines_are_begun_in_their_order_but_not_three_of_one_host() -> None:
    waiting = [(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c"), (6, "b")]
    assert choose(waiting, {}, free=16, a_host=2) == [1, 2, 4, 5, 6]
    assert choose(waiting, {"a": 1, "b": 2}, free=16, a_host=2) == [1, 5]
    assert choose(waiting, {}, free=2, a_host=2) == [1, 2]
    assert choose(waiting, {}, free=0, a_host=2) == []


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("error", [NetworkUnreachable(), DownloadFailed(), caused(FeedUnavailable(), NetworkUnreachable())])
def test_what_may_work_later_is_tried_again_a_few_times(error: Exception) -> None:
    delays = [again(Kind.OPML, error, tries) for tries in range(1, TRIES + 1)]
    assert delays.pop() is None
    waits = [delay or 0.0 for delay in delays]
    assert waits == sorted(set(waits))
    assert waits[0] > 0
    assert again(Kind.ADDRESS, error, 1) is None


@pytest.mark.parametrize("error", [NotAFeed(), BadAddress(), FeedUnavailable(status=404), ValueError()])
def test_what_will_not_work_later_is_not(error: Exception) -> None:
    assert again(Kind.OPML, error, 1) is None


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
