"""Feeds in pages: the pure walk, and a subscription over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.feed import Entry, ParsedFeed
from core.errors import Cancelled
from core.pipeline.paging import MOST_PAGES, whole
from core.pipeline.subscriptions import Subscriptions
from core.store.db import Store
from tests.fakes.podcast_host import PodcastHost
from tests.pipeline.rig import Rig


def page(*numbers: int, then: str | None = None) -> ParsedFeed:
    """Higher numbers are newer."""
    entries = (Entry(str(n), f"Nr {n}", f"https://a.example/{n}.mp3", published_at=1e9 + n) for n in numbers)
    return ParsedFeed("Show", next_page=then, entries=tuple(entries))


def numbers(feed: ParsedFeed) -> list[int]:
    return [int(entry.guid) for entry in feed.entries]


def test_all_pages_are_one_feed_newest_first() -> None:
    pages = {"2": page(4, 3, then="3"), "3": page(3, 2, 1)}
    assert numbers(whole(page(6, 5, then="2"), pages.get)) == [6, 5, 4, 3, 2, 1]


def test_a_feed_in_one_piece_stays_as_it_is() -> None:
    first = page(1, 3, 2)
    assert whole(first, {}.get) is first


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ({"2": page(6, 5, then="3")}, [6, 5]),
        ({"2": page(4, then="2")}, [6, 5, 4]),
        ({"2": page(4, then="3"), "3": page(3, then="2")}, [6, 5, 4, 3]),
        ({"2": page(then="3"), "3": page(1)}, [6, 5, 1]),
        ({}, [6, 5]),
        ({"2": page(4, then="gone")}, [6, 5, 4]),
    ],
)
def test_pages_that_repeat_or_fail_end_the_walk_and_lose_nothing(pages: dict[str, ParsedFeed], expected: list[int]) -> None:
    assert numbers(whole(page(6, 5, then="2"), pages.get)) == expected


def test_no_feed_has_pages_without_end() -> None:
    asked: list[str] = []

    def endless(address: str) -> ParsedFeed:
        asked.append(address)
        return page(-len(asked), then=f"{address}x")

    assert len(whole(page(1, then="x"), endless).entries) == MOST_PAGES + 1 == len(asked) + 1


@pytest.fixture
def feeds(store: Store, tmp_path: Path, host: PodcastHost) -> Iterator[Subscriptions]:
    rig = Rig(store, tmp_path, {"CASTMIND_MIN_FREE_GB": "0"})
    yield Subscriptions(rig.store, rig.preferences, rig.fetcher, wake=rig.runner.wake, clock=lambda: rig.now, random=lambda: 0.0)
    rig.fetcher.close()


def _older(host: PodcastHost, name: str, guid: str, then: str = "") -> None:
    link = f"<atom:link rel='prev-archive' href='{then}' xmlns:atom='http://www.w3.org/2005/Atom'/>" if then else ""
    item = f"<item><title>{guid}</title><guid>{guid}</guid><enclosure url='{host.audio_url('en_episode.mp3')}?of={guid}'/></item>"
    host.files[name] = f"<rss version='2.0'><channel><title>Older</title>{link}{item}</channel></rss>".encode()


def _in_pages(host: PodcastHost) -> None:
    host.channel_says(f"<atom:link rel='next' href='{host.audio_url('p2.xml')}' xmlns:atom='http://www.w3.org/2005/Atom'/>")
    _older(host, "p2.xml", "second", then=host.audio_url("p3.xml"))
    _older(host, "p3.xml", "third")


def test_a_subscription_reads_all_pages_and_polls_the_first_alone(feeds: Subscriptions, host: PodcastHost) -> None:
    _in_pages(host)
    row = feeds.add(host.feed_url, backlog=0)
    assert (row.episodes, row.feed.title) == (len(host.items) + 2, "CastMind samples")
    pages = [len(host.requests(f"/audio/p{n}.xml")) for n in (2, 3)]
    assert pages == [1, 1]
    host.publish("new.mp3", "New", guid="new", data=b"new")
    polled = feeds.poll(row.feed.id, anew=True)
    assert (polled.error, polled.taken.new) == (None, 1)
    assert [len(host.requests(f"/audio/p{n}.xml")) for n in (2, 3)] == pages


def test_a_page_that_is_gone_leaves_the_others(feeds: Subscriptions, host: PodcastHost) -> None:
    _in_pages(host)
    del host.files["p3.xml"]
    assert feeds.add(host.feed_url, backlog=0).episodes == len(host.items) + 1


def test_walking_can_be_cancelled_and_nothing_is_kept(feeds: Subscriptions, host: PodcastHost) -> None:
    _in_pages(host)

    def check() -> None:
        if host.requests("/audio/p2.xml"):
            raise Cancelled

    with pytest.raises(Cancelled):
        feeds.add(host.feed_url, backlog=0, check=check)
    assert feeds.listing() == []
