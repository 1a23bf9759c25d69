"""A podcast is looked at before subscribing: a feed, a page with one, a page with several, and what is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.services.feeds.discovery import PodcastDiscovery
from core.services.feeds.preview import FeedPreview, FeedPreviews
from tests.fakes.podcast_directory import PodcastDirectory
from tests.fakes.podcast_host import PodcastHost
from tests.subscriptions_fixture import House


@pytest.fixture
def pages(house: House) -> Iterator[PodcastDirectory]:
    with PodcastDirectory() as running:
        yield running


@pytest.fixture
def previews(house: House) -> FeedPreviews:
    return FeedPreviews(house.subscriptions, PodcastDiscovery(house.store, house.settings, house.fetcher))


def linking(*addresses: str) -> tuple[str, bytes]:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{address}">' for address in addresses)
    return "text/html", links.encode()


def test_a_feed_is_described_and_nothing_is_stored(house: House, host: PodcastHost, previews: FeedPreviews) -> None:
    seen = previews.look(OWNER, f"  {host.feed_url} ")
    assert isinstance(seen, FeedPreview)
    assert (seen.show.candidate.title, seen.show.candidate.episodes, seen.show.feed_id) == ("CastMind samples", 5, None)
    assert seen.description == "What the demo model understands"
    assert len(seen.newest) == 5 and all(entry.title for entry in seen.newest)
    assert house.subscriptions.listing(OWNER) == []


def test_a_feed_that_is_subscribed_is_named(house: House, host: PodcastHost, previews: FeedPreviews) -> None:
    feed_id = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    seen = previews.look(OWNER, host.feed_url)
    assert isinstance(seen, FeedPreview) and seen.show.feed_id == feed_id


def test_a_page_with_one_feed_shows_that_feed(host: PodcastHost, previews: FeedPreviews, pages: PodcastDirectory) -> None:
    pages.pages["/show"] = linking(host.feed_url)
    seen = previews.look(OWNER, f"{pages.url}/show")
    assert isinstance(seen, FeedPreview) and seen.show.candidate.url == host.feed_url


def test_a_page_with_several_feeds_offers_them(host: PodcastHost, previews: FeedPreviews, pages: PodcastDirectory) -> None:
    pages.pages["/show"] = linking(f"{host.feed_url}?one", f"{host.feed_url}?two")
    seen = previews.look(OWNER, f"{pages.url}/show")
    assert isinstance(seen, list) and {show.candidate.url for show in seen} == {f"{host.feed_url}?one", f"{host.feed_url}?two"}


def test_what_is_no_podcast_is_said(previews: FeedPreviews, pages: PodcastDirectory) -> None:
    pages.pages["/plain"] = ("text/html", b"<p>Nothing here</p>")
    with pytest.raises(errors.NotAFeed):
        previews.look(OWNER, f"{pages.url}/plain")
    with pytest.raises(errors.BadAddress):
        previews.look(OWNER, "ftp://a.example/")
