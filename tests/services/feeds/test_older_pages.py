"""Older pages of a feed over HTTP: all of them at a subscription, and later polls go on where the walk stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.feeds.remarks import MOST_PAGE_TRIES
from core.errors import Cancelled, ShuttingDown
from core.services.feeds.older_pages import OlderPages
from core.services.feeds.paging import MOST_PAGES
from core.services.feeds.subscriptions import Subscriptions
from core.sources.feeds.fetch import FetchedFeed
from core.store.db.database import Store
from core.store.feeds import feeds as feed_rows
from core.store.library import episodes
from core.transactions.feed_entries import Taken
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import Rig


@pytest.fixture
def feeds(store: Store, tmp_path: Path, host: PodcastHost) -> Iterator[Subscriptions]:
    rig = Rig(store, tmp_path, {"CASTMIND_MIN_FREE_GB": "0"})
    yield Subscriptions(rig.store, rig.settings, rig.fetcher, clock=lambda: rig.now, random=lambda: 0.0)
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
    row = feeds.add(OWNER, host.feed_url, backlog=0)
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
    assert feeds.add(OWNER, host.feed_url, backlog=0).episodes == len(host.items) + 1


@pytest.mark.parametrize("how", ["gone", "no feed", "out of order"])
def test_later_polls_go_on_where_the_walk_stopped(feeds: Subscriptions, store: Store, host: PodcastHost, how: str) -> None:
    _in_pages(host)
    whole_page = host.files["p3.xml"]
    if how == "gone":
        del host.files["p3.xml"]
    elif how == "no feed":
        host.files["p3.xml"] = b"<p>Sorry</p>"
    else:
        host.play("/audio/p3.xml", *[Mode.ERROR] * 4)
    feed_id = feeds.add(OWNER, host.feed_url, backlog=0).feed.id
    row = feeds.get(OWNER, feed_id)
    assert (row.feed.pages, row.feed.page_tries, [m.key for m in row.remarks]) == (2, 0, ["remark.stopped"])
    if how == "out of order":
        host.calm()
    else:
        assert (feeds.poll(feed_id).taken.new, feeds.get(OWNER, feed_id).feed.page_tries) == (0, 1)
    host.files["p3.xml"] = whole_page
    assert feeds.poll(feed_id).taken == Taken(new=1)
    row = feeds.get(OWNER, feed_id)
    assert (row.episodes, row.feed.pages, row.feed.next_page, row.remarks) == (len(host.items) + 2, 3, None, ())
    asked = len(host.requests("/audio/p3.xml"))
    feeds.refresh(OWNER, feed_id)
    assert len(host.requests("/audio/p3.xml")) == asked


def test_a_page_that_stays_away_is_asked_for_less_often_and_by_hand(feeds: Subscriptions, host: PodcastHost) -> None:
    _in_pages(host)
    whole_page = host.files.pop("p3.xml")
    feed_id = feeds.add(OWNER, host.feed_url, backlog=0).feed.id
    for _ in range(MOST_PAGE_TRIES + 3):
        feeds.poll(feed_id)
    assert len(host.requests("/audio/p3.xml")) == MOST_PAGE_TRIES + 1
    assert [m.key for m in feeds.get(OWNER, feed_id).remarks] == ["remark.stopped_for_good"]
    host.files["p3.xml"] = whole_page
    assert feeds.refresh(OWNER, feed_id).episodes == len(host.items) + 2


def test_walking_can_be_cancelled_and_nothing_is_kept(feeds: Subscriptions, host: PodcastHost) -> None:
    _in_pages(host)

    def check() -> None:
        if host.requests("/audio/p2.xml"):
            raise Cancelled

    with pytest.raises(Cancelled):
        feeds.add(OWNER, host.feed_url, backlog=0, check=check)
    assert feeds.listing(OWNER) == []


def _listed(store: Store, feed_id: int) -> dict[str | None, bool]:
    return {known.guid: known.listed for known in episodes.known(store.read(), feed_id)}


def test_episodes_of_older_pages_stay_listed_and_the_first_page_says_what_is_gone(
    feeds: Subscriptions, store: Store, host: PodcastHost
) -> None:
    _in_pages(host)
    feed_id = feeds.add(OWNER, host.feed_url, backlog=0).feed.id
    host.publish("new.mp3", "New", guid="new", data=b"new")
    host.publish("newer.mp3", "Newer", guid="newer", data=b"newer")
    assert feeds.poll(feed_id, anew=True).taken.new == 2
    assert all(_listed(store, feed_id).values())
    host.items.remove(next(item for item in host.items if item.guid == "new"))
    host.touch()
    feeds.poll(feed_id, anew=True)
    assert [guid for guid, listed in _listed(store, feed_id).items() if not listed] == ["new"]


def test_a_feed_that_was_subscribed_before_pages_were_read_gets_its_older_episodes(
    feeds: Subscriptions, store: Store, host: PodcastHost
) -> None:
    feed_id = feeds.add(OWNER, host.feed_url, backlog=0).feed.id
    store.write(lambda db: feed_rows.change(db, feed_id, {"pages": 0}))
    _in_pages(host)
    feeds.poll(feed_id, anew=True)
    assert feeds.poll(feed_id).taken == Taken(new=2)
    row = feeds.get(OWNER, feed_id)
    assert (row.episodes, row.feed.pages, row.feed.next_page) == (len(host.items) + 2, 3, None)


def test_more_pages_than_are_read_are_said_and_asked_for_no_more(feeds: Subscriptions, store: Store, host: PodcastHost) -> None:
    _in_pages(host)
    whole_page = host.files.pop("p3.xml")
    feed_id = feeds.add(OWNER, host.feed_url, backlog=0).feed.id
    store.write(lambda db: feed_rows.change(db, feed_id, {"pages": MOST_PAGES + 1}))
    host.files["p3.xml"] = whole_page
    asked = len(host.requests("/audio/p3.xml"))
    for anew in (False, True, True):
        assert feeds.poll(feed_id, anew=anew).taken.new == 0
    row = feeds.get(OWNER, feed_id)
    assert (row.feed.pages, row.feed.page_tries, row.feed.pages_enough) == (MOST_PAGES + 1, 0, True)
    assert [(m.key, m.params["pages"]) for m in row.remarks] == [("remark.pages_enough", MOST_PAGES + 1)]
    assert len(host.requests("/audio/p3.xml")) == asked


def _walked(feeds: Subscriptions, host: PodcastHost, **columns: int) -> int:
    """Return the id of a feed whose walk stopped before its third page."""
    _in_pages(host)
    whole_page = host.files.pop("p3.xml")
    feed_id = feeds.add(OWNER, host.feed_url, backlog=0).feed.id
    host.files["p3.xml"] = whole_page
    if columns:
        feeds._store.write(lambda db: feed_rows.change(db, feed_id, columns))
    return feed_id


class Pages:
    """The fetches of a walk, as a poll makes them; `before` happens ahead of each."""

    def __init__(self, feeds: Subscriptions) -> None:
        self.asked: list[str] = []
        self.before: list[Exception] = []
        self._first = feeds._polls.first

    def first(self, address: str, credentials: object, check: object) -> FetchedFeed:
        self.asked.append(address)
        if self.before:
            raise self.before.pop()
        return self._first(address, credentials, check)  # type: ignore[arg-type]


def test_entries_of_older_pages_are_not_queued_whatever_the_feed_says(
    feeds: Subscriptions, store: Store, host: PodcastHost
) -> None:
    feed_id = _walked(feeds, host)
    assert feeds.get(OWNER, feed_id).feed.auto_transcribe
    assert feeds.poll(feed_id).taken == Taken(new=1)
    assert store.read().execute("SELECT count(*) FROM jobs").fetchone()[0] == 0


@pytest.mark.parametrize("ends", [ShuttingDown(), Cancelled()])
def test_a_stop_ends_the_walk_and_counts_as_no_try(
    feeds: Subscriptions, store: Store, host: PodcastHost, ends: Exception
) -> None:
    feed_id, pages = _walked(feeds, host), Pages(feeds)
    pages.before.append(ends)
    before = feed_rows.get(store.read(), feed_id)
    with pytest.raises(type(ends)):
        OlderPages(store, pages.first, clock=lambda: 1.0).go_on(before, None, lambda: None, anew=False)
    assert feed_rows.get(store.read(), feed_id) == before


@pytest.mark.parametrize(
    ("tries", "anew", "asks"), [(0, False, True), (MOST_PAGE_TRIES, False, False), (MOST_PAGE_TRIES, True, True)]
)
def test_a_page_is_tried_some_times_and_then_only_on_request(
    feeds: Subscriptions, store: Store, host: PodcastHost, tries: int, anew: bool, asks: bool
) -> None:
    feed_id, pages = _walked(feeds, host, page_tries=tries), Pages(feeds)
    feed = feed_rows.get(store.read(), feed_id)
    OlderPages(store, pages.first, clock=lambda: 1.0).go_on(feed, None, lambda: None, anew=anew)
    assert bool(pages.asked) is asks


def test_a_walk_that_another_poll_went_on_with_meanwhile_writes_nothing(
    feeds: Subscriptions, store: Store, host: PodcastHost
) -> None:
    feed_id, pages = _walked(feeds, host), Pages(feeds)
    stale = feed_rows.get(store.read(), feed_id)
    walker = OlderPages(store, pages.first, clock=lambda: 1.0)
    assert walker.go_on(stale, None, lambda: None, anew=False).new == 1
    after = feed_rows.get(store.read(), feed_id)
    assert walker.go_on(stale, None, lambda: None, anew=False) == Taken()
    assert feed_rows.get(store.read(), feed_id) == after and len(pages.asked) == 2
