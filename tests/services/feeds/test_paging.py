"""Feeds in pages: the pure walk, and a subscription over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.feeds.feed import FeedEntry, ParsedFeed
from core.domain.feeds.remarks import MOST_PAGE_TRIES
from core.errors import Cancelled
from core.services.feeds.paging import MOST_ENTRIES, MOST_PAGES, Walk, on_from, whole
from core.services.feeds.subscriptions import Subscriptions
from core.store.db.database import Store
from core.store.feeds import feeds as feed_rows
from core.store.library import episodes
from core.transactions.feed_entries import Taken
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import Rig


def page(*numbers: int, then: str | None = None) -> ParsedFeed:
    """Higher numbers are newer."""
    entries = (FeedEntry(str(n), f"Nr {n}", f"https://a.example/{n}.mp3", published_at=1e9 + n) for n in numbers)
    return ParsedFeed("Show", next_page=then, entries=tuple(entries))


def numbers(feed: ParsedFeed) -> list[int]:
    return [int(entry.guid) for entry in feed.entries]


def test_all_pages_are_one_feed_newest_first() -> None:
    pages = {"2": page(4, 3, then="3"), "3": page(3, 2, 1)}
    assert numbers(whole(page(6, 5, then="2"), pages.get).feed) == [6, 5, 4, 3, 2, 1]


def test_a_feed_in_one_piece_stays_as_it_is() -> None:
    first = page(1, 3, 2)
    assert whole(first, {}.get) == Walk(first)


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
    assert numbers(whole(page(6, 5, then="2"), pages.get).feed) == expected


def test_no_feed_has_pages_without_end() -> None:
    asked: list[str] = []

    def endless(address: str) -> ParsedFeed:
        asked.append(address)
        return page(-len(asked), then=f"{address}x")

    walk = whole(page(1, then="x"), endless)
    assert len(walk.feed.entries) == MOST_PAGES + 1 == len(asked) + 1
    assert (walk.pages, walk.stopped_at, walk.enough) == (MOST_PAGES + 1, asked[-1] + "x", True)
    rest = on_from("x", endless, before=MOST_PAGES - 3)
    assert (rest.pages, rest.enough) == (3, True)
    full = on_from("x", endless, entries_before=MOST_ENTRIES - 2)
    assert (full.pages, full.enough) == (2, True)
    assert on_from("x", endless, entries_before=MOST_ENTRIES) == Walk(ParsedFeed("", next_page="x"), 0, "x", enough=True)


def test_what_was_read_of_a_feed_says_what_is_left() -> None:
    pages = {"2": page(4, 3, then="3"), "3": page(2, 1)}
    assert whole(page(6, 5, then="2"), pages.get).feed.next_page is None
    del pages["3"]
    assert whole(page(6, 5, then="2"), pages.get).feed.next_page == "3"


@pytest.mark.parametrize(
    ("pages", "read", "stopped_at"),
    [
        ({}, 1, "2"),
        ({"2": page(4, then="3")}, 2, "3"),
        ({"2": page(then="3")}, 2, "3"),
        ({"2": page(4)}, 2, None),
        ({"2": page(6, 5, then="3")}, 2, None),
    ],
)
def test_a_walk_says_how_far_it_came_and_goes_on_from_there(
    pages: dict[str, ParsedFeed], read: int, stopped_at: str | None
) -> None:
    walk = whole(page(6, 5, then="2"), pages.get)
    assert (walk.pages, walk.stopped_at) == (read, stopped_at)
    if stopped_at:
        assert on_from(stopped_at, pages.get).pages == 0
        rest = on_from(stopped_at, {stopped_at: page(2, then="later")}.get)
        assert (numbers(rest.feed), rest.pages, rest.stopped_at) == ([2], 1, "later")


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
