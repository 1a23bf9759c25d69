import hashlib

import pytest

from core import errors
from core.net.web import Fetcher, Patience
from core.sources.feeds.fetch import FetchedFeed, NotModified, fetch
from tests.fakes.podcast_host import Mode, PodcastHost


def first(host: PodcastHost, fetcher: Fetcher, url: str | None = None) -> FetchedFeed:
    got = fetch(url or host.feed_url, None, None, fetcher)
    assert isinstance(got, FetchedFeed)
    return got


def test_a_feed_is_fetched_once_and_then_only_when_it_changed(host: PodcastHost, fetcher: Fetcher) -> None:
    host.feed_headers(cache_control="max-age=1800")
    got = first(host, fetcher)
    assert (got.body, got.body_hash) == (host.feed(), hashlib.sha256(host.feed()).hexdigest())
    assert (got.url, got.content_type, got.max_age, got.moved_to) == (host.feed_url, "application/rss+xml", 1800.0, None)
    assert fetch(host.feed_url, got.etag, got.last_modified, fetcher) == NotModified(max_age=1800.0)
    assert fetch(host.feed_url, None, got.last_modified, fetcher) == NotModified(max_age=1800.0)
    host.publish("en_short.wav", "News")
    again = fetch(host.feed_url, got.etag, got.last_modified, fetcher)
    assert isinstance(again, FetchedFeed)
    assert again.body_hash != got.body_hash
    assert [r.status for r in host.requests("/feed.xml")] == [200, 304, 304, 200]


@pytest.mark.parametrize("tag", ['"\u00e9t\u00e9"', '"\u4e2d\u6587"', 'W/"\u0085\U0001f600"'])
def test_a_tag_beyond_ascii_is_said_again(tag: str, host: PodcastHost, fetcher: Fetcher) -> None:
    """Servers send such ETags, and the client must be able to send them back."""
    assert isinstance(fetch(host.feed_url, tag, None, fetcher), FetchedFeed)
    said = host.requests()[0].headers["if-none-match"]
    assert said.encode("latin-1").decode("utf-8") == tag


def test_a_moved_feed_says_where_to_even_when_unchanged(host: PodcastHost, fetcher: Fetcher) -> None:
    moved = f"{host.url}/as/moved/feed.xml"
    got = first(host, fetcher, moved)
    assert (got.url, got.moved_to) == (host.feed_url, host.feed_url)
    assert fetch(moved, got.etag, None, fetcher) == NotModified(moved_to=host.feed_url)
    assert first(host, fetcher, f"{host.url}/as/found/feed.xml").moved_to is None


def test_compressed_feeds_are_taken_and_bombs_refused(host: PodcastHost, fetcher: Fetcher) -> None:
    assert first(host, fetcher, f"{host.url}/as/gzip/feed.xml").body == host.feed()
    for mode in (Mode.GZIP_BOMB, Mode.ENDLESS):
        with pytest.raises(errors.TooLarge):
            fetch(f"{host.url}/as/{mode}/feed.xml", None, None, fetcher, max_bytes=1_000_000)


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        (Mode.NOT_FOUND, errors.FeedUnavailable),
        (Mode.GONE, errors.FeedUnavailable),
        (Mode.FORBIDDEN, errors.FeedUnavailable),
        (Mode.ERROR, errors.FeedUnavailable),
        (Mode.BUSY, errors.ServerBusy),
        (Mode.BREAK, errors.DownloadFailed),
        (Mode.SILENT, errors.DownloadFailed),
        (Mode.LOOP, errors.DownloadFailed),
        (Mode.TO_PRIVATE, errors.BadAddress),
        (Mode.TO_FILE, errors.BadAddress),
    ],
)
def test_each_failure_has_its_name(mode: Mode, error: type[Exception], host: PodcastHost, fetcher: Fetcher) -> None:
    with pytest.raises(error):
        fetch(f"{host.url}/as/{mode}/feed.xml", None, None, fetcher, patience=Patience(read=0.3, whole=5.0))


def test_a_feed_that_is_gone_says_so(host: PodcastHost, fetcher: Fetcher) -> None:
    with pytest.raises(errors.FeedUnavailable, match="gone for good") as caught:
        fetch(f"{host.url}/as/gone/feed.xml", None, None, fetcher)
    assert caught.value.params["status"] == 410
