"""One poll of a feed: asked for conditionally, followed when it moves, its errors kept with a growing backoff."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from core import errors, events
from core.domain.accounts.actor import OWNER
from core.domain.feeds import folder_feed
from core.services.feeds.polls import Polled
from core.store.feeds import feeds
from core.store.library import episodes
from core.transactions.feed_entries import Taken
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.subscriptions_fixture import HOUR, House

FEED = "/feed.xml"


def test_an_unchanged_feed_is_asked_for_conditionally_and_not_parsed(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    house.now += HOUR
    polled = house.subscriptions.poll(feed.id)
    assert (polled.taken.new, polled.taken.updated, polled.error) == (0, 0, None)
    assert [r.status for r in host.requests(FEED)] == [200, 304]
    after = house.subscriptions.get(OWNER, feed.id).feed
    assert after == replace(feed, last_polled_at=house.now, last_success_at=house.now, next_poll_at=house.now + HOUR)


def test_the_same_body_again_is_not_parsed(house: House, host: PodcastHost, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    house.store.write(lambda db: feeds.change(db, feed.id, {"etag": None, "last_modified": None}))
    monkeypatch.setattr("core.services.feeds.polls.read_feed", None)
    assert house.subscriptions.poll(feed.id).error is None
    assert [r.status for r in host.requests(FEED)] == [200, 200]
    assert house.subscriptions.get(OWNER, feed.id).feed.etag


def test_a_feed_that_moved_for_good_is_followed(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    assert house.subscriptions.add(OWNER, f"{host.url}/as/found/feed.xml").feed.url == f"{host.url}/as/found/feed.xml"
    house.store.write(lambda db: feeds.change(db, feed.id, {"url": f"{host.url}/as/moved/feed.xml"}))
    house.subscriptions.poll(feed.id)
    assert house.subscriptions.get(OWNER, feed.id).feed.url == host.feed_url


def test_a_feed_that_moved_onto_another_subscription_says_so_and_brings_nothing_twice(house: House, host: PodcastHost) -> None:
    first = house.subscriptions.add(OWNER, host.feed_url).feed
    moved = f"{host.url}/as/moved/feed.xml"
    other = house.subscriptions.add(OWNER, f"{host.url}/as/found/feed.xml").feed
    house.store.write(lambda db: feeds.change(db, other.id, {"url": moved}))
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    house.subscriptions.poll(first.id)
    row = house.subscriptions.refresh(OWNER, other.id)
    assert (row.feed.url, row.episodes, row.feed.failures) == (moved, 5, 1)
    assert row.feed.error and row.feed.error["code"] == "feed_elsewhere"
    assert row.feed.error["params"] == {"id": first.id, "title": "CastMind samples"}
    assert len(house.episodes(first.id)) == 6

    house.unsubscribe.remove(OWNER, first.id)
    after = house.subscriptions.refresh(OWNER, other.id)
    assert (after.feed.url, after.feed.error, after.feed.failures) == (host.feed_url, None, 0)
    assert after.episodes == 6


def test_errors_are_kept_back_off_and_are_forgotten_on_recovery(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    host.play(FEED, Mode.ERROR, Mode.ERROR, Mode.ERROR, Mode.HTML)
    waits = []
    for failures in (1, 2, 3):
        after = house.subscriptions.refresh(OWNER, feed.id).feed
        assert after.failures == failures
        assert after.error and after.error["code"] == "feed_unavailable" and "status 500" in after.error["detail"]
        waits.append((after.next_poll_at - house.now) / HOUR)
    assert waits == [1, 2, 4]
    refused = house.subscriptions.refresh(OWNER, feed.id).feed.error
    assert refused and refused["code"] == "not_a_feed" and "not with a podcast feed" in refused["detail"]
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    row = house.subscriptions.refresh(OWNER, feed.id)
    assert (row.feed.failures, row.feed.error, row.feed.last_success_at, row.episodes) == (0, None, house.now, 6)


def test_a_feed_is_never_given_up(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    house.store.write(lambda db: feeds.change(db, feed.id, {"failures": 500}))
    host.play(FEED, Mode.GONE)
    after = house.subscriptions.refresh(OWNER, feed.id).feed
    assert after.next_poll_at == house.now + 24 * HOUR
    assert after.error and after.error["code"] == "feed_gone" and "unsubscribe" in after.error["detail"]
    host.publish("en_short.wav", "Back again", url=f"{host.url}/audio/news.wav")
    assert house.subscriptions.refresh(OWNER, feed.id).episodes == 6


def test_a_server_that_names_a_time_is_not_asked_before(house: House, host: PodcastHost) -> None:
    house.settings.save(OWNER, "poll_minutes", 1)
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    host.play(FEED, Mode.TOO_MANY)
    assert house.subscriptions.poll(feed.id).error
    assert house.subscriptions.get(OWNER, feed.id).feed.next_poll_at > house.now + 0.9 * HOUR


def test_a_computer_without_network_does_not_back_off(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    unreachable = "http://127.0.0.1:1/feed.xml"
    house.store.write(lambda db: feeds.change(db, feed.id, {"failures": 9, "url": unreachable}))
    after = house.subscriptions.refresh(OWNER, feed.id).feed
    assert (after.failures, after.next_poll_at) == (10, house.now + HOUR)


def test_cache_control_and_ttl_lengthen_the_interval(house: House, host: PodcastHost) -> None:
    host.feed_headers(cache_control="max-age=7200")
    assert house.subscriptions.add(OWNER, host.feed_url).feed.next_poll_at == house.now + 2 * HOUR


def test_two_polls_at_once_make_no_episode_twice(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    threads = [threading.Thread(target=house.subscriptions.poll, args=(feed.id,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = house.subscriptions.get(OWNER, feed.id)
    assert (row.episodes, row.feed.error) == (6, None)


def test_a_feed_that_is_removed_while_it_is_polled_stays_removed(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed

    def removed_meanwhile() -> None:
        if house.subscriptions.listing(OWNER):
            house.unsubscribe.remove(OWNER, feed.id)

    host.publish("en_short.wav", "News")
    with pytest.raises(errors.NotFound):
        house.subscriptions.poll(feed.id, check=removed_meanwhile)
    assert episodes.count(house.store.read()) == 5


def test_a_server_that_always_says_unchanged_is_asked_without_conditions(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed

    def conditional() -> bool:
        asked = host.requests("/feed.xml")[-1].headers
        return any(name.lower() in ("if-none-match", "if-modified-since") for name in asked)

    house.subscriptions.poll(feed.id)
    assert conditional()
    house.subscriptions.refresh(OWNER, feed.id)
    assert not conditional(), "pressed by hand"
    host.play("/feed.xml", Mode.ERROR)
    house.subscriptions.poll(feed.id)
    house.subscriptions.poll(feed.id)
    assert not conditional(), "after a failure"
    house.subscriptions.poll(feed.id)
    assert conditional()
    house.now += 7 * 24 * HOUR
    house.subscriptions.poll(feed.id)
    assert not conditional(), "once a week"


def test_a_folder_of_the_inbox_is_asked_nothing(house: House) -> None:
    row = {"url": folder_feed.address(folder_feed.folder_of(["News"])), "title": "News"}
    feed_id = house.store.write(lambda db: feeds.add(db, row, now=0.0))
    before = feeds.get(house.store.read(), feed_id)
    assert house.subscriptions.poll(feed_id) == Polled(Taken())
    assert feeds.get(house.store.read(), feed_id) == before


def test_unchanged_without_having_been_asked_that_is_an_error(house: House, host: PodcastHost) -> None:
    """A server that answers 304 to everybody would hide each new episode for ever."""
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    host.play(FEED, Mode.NOT_MODIFIED, Mode.NOT_MODIFIED)
    assert house.subscriptions.poll(feed.id).error is None, "asked for conditionally, it is an answer"
    polled = house.subscriptions.poll(feed.id, anew=True)
    assert polled.error and "304" in polled.error
    after = house.subscriptions.get(OWNER, feed.id).feed
    assert (after.failures, after.error and after.error["code"]) == (1, "feed_unavailable")


def test_a_defect_is_kept_as_an_error_without_its_insides(
    house: House, host: PodcastHost, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")

    def broken(*_: object, **__: object) -> None:
        raise ValueError("token=s3cret")

    monkeypatch.setattr("core.services.feeds.polls.take", broken)
    polled = house.subscriptions.poll(feed.id, anew=True)
    after = house.subscriptions.get(OWNER, feed.id).feed
    assert polled.error and "ValueError" in polled.error and "s3cret" not in polled.error
    assert after.error and after.error["detail"] == polled.error and after.failures == 1
    assert (after.body_hash, after.etag) == (feed.body_hash, feed.etag), "the next poll reads the body again"
    assert "s3cret" in caplog.text


@pytest.mark.parametrize("ends", [errors.ShuttingDown(), errors.Cancelled()])
def test_a_poll_that_is_stopped_leaves_the_feed_as_it_was(house: House, host: PodcastHost, ends: Exception) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    host.play(FEED, Mode.SILENT)

    def check() -> None:
        if len(host.requests(FEED)) == 2:
            raise ends

    with pytest.raises(type(ends)):
        house.subscriptions.poll(feed.id, check=check)
    row = house.subscriptions.get(OWNER, feed.id)
    assert (row.feed, row.episodes) == (feed, 5)


def test_each_poll_is_told_with_what_it_brought_or_why_it_failed(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    house.subscriptions.poll(feed.id)
    house.subscriptions.poll(feed.id)
    host.play(FEED, Mode.GONE)
    house.subscriptions.poll(feed.id)
    assert house.store.events.settle()
    told = [event for event in house.heard if isinstance(event, events.FeedPolled)]
    assert [(each.new, each.queued, each.error) for each in told] == [(1, 1, None), (0, 0, None), (0, 0, "feed_gone")]


def test_fetches_that_wait_for_the_network_go_on_once_a_poll_reached_it(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=1).feed
    away = errors.NetworkUnreachable().to_dict()
    later = house.now + 100 * HOUR
    house.store.write(lambda db: feeds.change(db, feed.id, {"error": away, "failures": 1}))
    house.store.write(
        lambda db: db.execute(
            "UPDATE jobs SET state = 'waiting', not_before = ?, error = json_object('code', ?) WHERE stage = 'fetch'",
            [later, away["code"]],
        )
    )
    house.subscriptions.poll(feed.id)
    assert house.store.read().execute("SELECT not_before FROM jobs WHERE stage = 'fetch'").fetchone()[0] == 0.0
