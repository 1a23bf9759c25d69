from __future__ import annotations

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.feeds.feed_credentials import FeedCredentials
from core.errors import Conflict, NotFound
from core.services.feeds.unsubscribe import KEPT
from core.store.library import episodes, listing
from tests.fakes.podcast_host import PodcastHost
from tests.subscriptions_fixture import House


def titles(house: House, **wanted: bool) -> list[str]:
    return [row.episode.title for row in listing.page(house.store.read(), Filter(**wanted), user_id=OWNER.user_id).items]


def test_a_removed_feed_leaves_its_episodes(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    house.unsubscribe.remove(OWNER, feed.id)
    assert house.subscriptions.listing(OWNER) == []
    assert (len(titles(house)), titles(house, deleted=True)) == (5, [])
    with pytest.raises(NotFound):
        house.unsubscribe.remove(OWNER, feed.id)


def test_an_undo_brings_the_feed_back_as_it_was(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=1, auto_transcribe=False).feed
    house.subscriptions.change(OWNER, feed.id, title="My own name")
    house.subscriptions.set_credentials(OWNER, feed.id, FeedCredentials.of(host.feed_url, user="me", password="s3cret"))
    before = house.subscriptions.get(OWNER, feed.id)
    house.unsubscribe.remove(OWNER, feed.id)
    assert house.subscriptions.listing(OWNER) == []
    assert len(titles(house)) == 5
    assert [(row.id, row.title, row.episodes, row.trashed) for row in house.unsubscribe.listing(OWNER)] == [
        (feed.id, "My own name", 5, 0)
    ]
    back = house.unsubscribe.restore(OWNER, feed.id)
    assert (back.feed.title, back.feed.backlog, back.feed.auto_transcribe) == ("My own name", 1, False)
    assert (back.episodes, back.credentials, back.feed.created_at) == (5, before.credentials, before.feed.created_at)
    credentials = house.subscriptions.credentials(OWNER, feed.id)
    assert credentials and credentials.password == "s3cret"
    assert house.unsubscribe.listing(OWNER) == []
    house.subscriptions.poll(feed.id)
    assert len(titles(house)) == 5


def test_episodes_that_went_along_come_back_and_those_deleted_before_stay_deleted(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    there = [e.id for e in episodes.of_feed(house.store.read(), feed.id)]
    house.trash.delete(OWNER, there[:1])
    house.unsubscribe.remove(OWNER, feed.id, episodes=True)
    assert (len(titles(house)), len(titles(house, deleted=True))) == (0, 5)
    assert house.unsubscribe.listing(OWNER)[0].trashed == 4
    assert house.unsubscribe.restore(OWNER, feed.id).episodes == 4
    assert len(titles(house, deleted=True)) == 1


def test_removed_feeds_come_back_though_others_were_subscribed_and_removed_since(house: House, host: PodcastHost) -> None:
    first = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    house.unsubscribe.remove(OWNER, first.id)
    with PodcastHost() as another:
        another.items.pop()
        second = house.subscriptions.add(OWNER, another.feed_url, backlog=0).feed
    house.unsubscribe.remove(OWNER, second.id)
    assert {row.id for row in house.unsubscribe.listing(OWNER)} == {first.id, second.id}
    back = [house.unsubscribe.restore(OWNER, row.id) for row in house.unsubscribe.listing(OWNER)]
    assert {row.feed.url: row.episodes for row in back} == {host.feed_url: 5, another.feed_url: 4}


def test_what_was_deleted_for_good_does_not_come_back_with_the_feed(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    gone = episodes.of_feed(house.store.read(), feed.id)[0]
    house.trash.purge(OWNER, [gone.id])
    house.unsubscribe.remove(OWNER, feed.id)
    house.unsubscribe.restore(OWNER, feed.id)
    house.subscriptions.poll(feed.id)
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    house.subscriptions.poll(feed.id)
    assert gone.title not in titles(house)
    assert "News" in titles(house)


def test_a_feed_that_is_subscribed_again_is_not_doubled(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    house.unsubscribe.remove(OWNER, feed.id)
    again = house.subscriptions.add(OWNER, host.feed_url).feed
    with pytest.raises(Conflict):
        house.unsubscribe.restore(OWNER, feed.id)
    assert [row.feed.id for row in house.subscriptions.listing(OWNER)] == [again.id]


def test_after_a_week_it_is_forgotten(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    house.unsubscribe.remove(OWNER, feed.id)
    house.now += KEPT - 1
    house.unsubscribe.step()
    assert house.unsubscribe.listing(OWNER)
    house.now += 2
    house.unsubscribe.step()
    assert house.unsubscribe.listing(OWNER) == []
    with pytest.raises(NotFound):
        house.unsubscribe.restore(OWNER, feed.id)
    with pytest.raises(NotFound):
        house.unsubscribe.remove(OWNER, feed.id)
