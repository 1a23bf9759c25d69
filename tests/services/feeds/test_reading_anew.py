"""A new version's additional feed fields arrive without a change of the feed: each is fetched in full once, within a day."""

from __future__ import annotations

from collections import Counter

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.publisher_extras import Origin
from core.domain.feeds.polling import DAY, HOUR, asks_anew
from core.sources.feeds.parse import READER
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import publisher_extras
from tests.fakes.podcast_host import PodcastHost
from tests.subscriptions_fixture import House

FEED = "/feed.xml"
CHAPTERS = (
    '<psc:chapters xmlns:psc="http://podlove.org/simple-chapters"><psc:chapter start="0" title="One"/>'
    '<psc:chapter start="5" title="Two"/></psc:chapters>'
)


@pytest.fixture
def feed_id(house: House, host: PodcastHost) -> int:
    """A feed with chapters that an older version read, which knew none of them."""
    item = f"<item><title>A</title><guid>a</guid><enclosure url='{host.audio_url('en_episode.mp3')}'/>{CHAPTERS}</item>"
    host.serve_feed(f"<rss version='2.0'><channel><title>Show</title>{item}</channel></rss>")
    feed_id = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id

    def forget(db: Database) -> None:
        db.execute("DELETE FROM supplied")
        db.execute("UPDATE episodes SET offered_digest = 'of an older version'")
        feeds.change(db, feed_id, {"reader": 0})

    house.store.write(forget)
    return feed_id


def chapters(house: House, feed_id: int) -> int:
    [episode] = house.episodes(feed_id).values()
    found = publisher_extras.chapters(house.store.read(), episode.id, Origin.PUBLISHER)
    return len(found.items) if found else 0


def polls(house: House, feed_id: int, times: int) -> None:
    for _ in range(times):
        house.now += HOUR
        assert house.subscriptions.poll(feed_id).error is None


def test_an_upgrade_reads_a_known_feed_once_without_conditions(house: House, host: PodcastHost, feed_id: int) -> None:
    assert chapters(house, feed_id) == 0
    polls(house, feed_id, 25)
    asked = host.requests(FEED)[1:]
    assert Counter(request.status for request in asked)[304] >= 23
    assert [r.status for r in asked if "if-none-match" not in {name.lower() for name in r.headers}] == [200]
    assert chapters(house, feed_id) == 2
    assert feeds.get(house.store.read(), feed_id).reader == READER
    house.now += HOUR
    polls(house, feed_id, 25)
    assert {request.status for request in host.requests(FEED)[26:]} == {304}


def test_who_refreshes_by_hand_need_not_wait(house: House, host: PodcastHost, feed_id: int) -> None:
    house.subscriptions.refresh(OWNER, feed_id)
    assert chapters(house, feed_id) == 2


def test_feeds_do_not_all_come_at_once() -> None:
    hours: Counter[int] = Counter()
    upgraded = 1.7e9 + 12345.0
    for feed_id in range(1, 501):
        times = [upgraded + n * HOUR for n in range(25)]
        hits = [n for n in range(1, 25) if asks_anew(times[n], times[n - 1], 0, offset=feed_id * 7919.0, every=DAY)]
        assert len(hits) == 1
        hours.update(hits)
    assert len(hours) == 24 and max(hours.values()) < 3 * 500 / 24
