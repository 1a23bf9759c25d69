"""Feeds that announce a new URL: followed once a feed exists there, and never in cycles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.feeds.feed_credentials import FeedCredentials
from core.services.feeds.feed_moves import MOST_MOVES, MoveReading, follow
from core.sources.feeds.fetch import NotModified
from core.store.feeds import feeds
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.subscriptions_fixture import House

FEED = "/feed.xml"


@pytest.fixture
def new() -> Iterator[PodcastHost]:
    """Return the show's new host, with one more episode."""
    with PodcastHost() as running:
        running.publish("en_short.wav", "News", url=f"{running.url}/audio/news.wav")
        yield running


def said(address: str) -> str:
    return f"<itunes:new-feed-url>{address}</itunes:new-feed-url>"


def at(house: House, feed_id: int) -> tuple[str, str | None, int]:
    house.subscriptions.poll(feed_id)
    row = house.subscriptions.get(OWNER, feed_id)
    assert row.feed.error is None
    return row.feed.url, row.feed.moves_to, row.episodes


def test_a_feed_that_says_where_it_moved_is_followed(house: House, host: PodcastHost, new: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    house.subscriptions.change(OWNER, feed.id, title="Mine")
    before = {e.id for e in house.episodes(feed.id).values()}
    host.channel_says(said(new.feed_url))
    new.channel_says(said(new.feed_url))
    assert at(house, feed.id) == (new.feed_url, None, 6)
    assert before < {e.id for e in house.episodes(feed.id).values()}
    asked = len(host.requests(FEED))
    assert at(house, feed.id) == (new.feed_url, None, 6)
    assert len(host.requests(FEED)) == asked
    house.subscriptions.poll(feed.id)
    assert new.requests(FEED)[-1].status == 304
    assert house.subscriptions.get(OWNER, feed.id).feed.title == "Mine"


def test_it_is_subscribed_to_where_it_lives(house: House, host: PodcastHost, new: PodcastHost) -> None:
    host.channel_says(said(f"  {new.feed_url} "))
    row = house.subscriptions.add(OWNER, host.feed_url)
    assert (row.feed.url, row.episodes) == (new.feed_url, 6)
    with pytest.raises(errors.Conflict) as caught:
        house.subscriptions.add(OWNER, host.feed_url)
    assert caught.value.params["id"] == row.feed.id


@pytest.mark.parametrize("mode", [Mode.ERROR, Mode.HTML, Mode.GONE, Mode.TO_PRIVATE, Mode.BREAK])
def test_until_a_feed_is_there_it_stays_and_is_looked_for_with_every_poll(
    mode: Mode, house: House, host: PodcastHost, new: PodcastHost
) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    host.channel_says(said(new.feed_url))
    new.play(FEED, mode, mode)
    assert at(house, feed.id) == (host.feed_url, new.feed_url, 5)
    assert at(house, feed.id) == (host.feed_url, new.feed_url, 5)
    assert host.requests(FEED)[-1].status == 304
    assert at(house, feed.id) == (new.feed_url, None, 6)


def test_a_feed_without_episodes_is_not_moved_to(house: House, host: PodcastHost, new: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    host.channel_says(said(new.feed_url))
    new.items.clear()
    assert at(house, feed.id) == (host.feed_url, new.feed_url, 5)


def test_it_is_found_when_the_old_host_is_gone_meanwhile(house: House, host: PodcastHost, new: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    host.channel_says(said(new.feed_url))
    new.play(FEED, Mode.UNAVAILABLE)
    assert at(house, feed.id) == (host.feed_url, new.feed_url, 5)
    host.play(FEED, Mode.GONE, Mode.GONE)
    new.play(FEED, Mode.UNAVAILABLE)
    gone = house.subscriptions.refresh(OWNER, feed.id).feed
    assert gone.error and (gone.error["code"], gone.url, gone.moves_to) == ("feed_gone", host.feed_url, new.feed_url)
    assert at(house, feed.id) == (new.feed_url, None, 6)


def test_a_private_address_is_not_looked_at(house: House, host: PodcastHost) -> None:
    host.channel_says(said("http://169.254.169.254/feed.xml"))
    assert house.subscriptions.add(OWNER, host.feed_url).feed.url == host.feed_url


@pytest.mark.parametrize("own", ["{0}/feed.xml", "{0}/feed.xml#top", "{0}/%66eed.xml", "/feed.xml", "ftp://a.example/feed", ""])
def test_what_leads_nowhere_is_not_asked_for(own: str, house: House, host: PodcastHost) -> None:
    host.channel_says(said(own.format(host.url)))
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    assert at(house, feed.id) == (host.feed_url, None, 5)
    assert len(host.requests()) == 2


def test_two_that_name_each_other_stay_where_they_are(house: House, host: PodcastHost, new: PodcastHost) -> None:
    host.channel_says(said(new.feed_url))
    new.channel_says(said(host.feed_url))
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    assert at(house, feed.id) == (host.feed_url, None, 5)
    assert len(new.requests(FEED)) == 1


def test_a_place_that_sends_back_is_no_move(house: House, host: PodcastHost, new: PodcastHost) -> None:
    host.channel_says(said(new.feed_url))
    new.moves[FEED] = host.feed_url
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    assert at(house, feed.id) == (host.feed_url, None, 5)


def test_a_redirect_there_is_followed_to_its_end(house: House, host: PodcastHost, new: PodcastHost) -> None:
    alias = f"{new.url}/as/moved/feed.xml"
    host.channel_says(said(alias))
    new.channel_says(said(alias))
    assert house.subscriptions.add(OWNER, host.feed_url).feed.url == new.feed_url


def test_no_credentials_go_along_to_another_host(house: House, host: PodcastHost, new: PodcastHost) -> None:
    host.ask_for("Authorization", "Bearer s3cret")
    host.channel_says(said(new.feed_url.replace("http://", "http://someone:else@")))
    credentials = FeedCredentials.of(host.feed_url, token="s3cret")
    feed = house.subscriptions.add(OWNER, host.feed_url, credentials=credentials).feed
    assert feed.url == new.feed_url
    assert at(house, feed.id) == (new.feed_url, None, 6)
    assert {r.headers.get("authorization") for r in new.requests()} == {None}

    new.ask_for("Authorization", "Bearer s3cret")
    refused = house.subscriptions.refresh(OWNER, feed.id).feed.error
    assert refused and refused["code"] == "access_refused"
    named = FeedCredentials.of(host.feed_url, token="s3cret", hosts=[f"127.0.0.1:{new.port}"])
    house.subscriptions.set_credentials(OWNER, feed.id, named)
    assert at(house, feed.id) == (new.feed_url, None, 6)


def test_a_move_onto_another_subscription_is_told_as_a_redirect_is(house: House, host: PodcastHost, new: PodcastHost) -> None:
    old = house.subscriptions.add(OWNER, host.feed_url).feed
    there = house.subscriptions.add(OWNER, new.feed_url).feed
    host.channel_says(said(new.feed_url))
    row = house.subscriptions.refresh(OWNER, old.id)
    assert row.feed.error and row.feed.error["code"] == "feed_elsewhere"
    assert (row.feed.url, row.feed.error["params"]["id"], row.episodes) == (host.feed_url, there.id, 5)
    house.unsubscribe.remove(OWNER, there.id)
    assert at(house, old.id) == (new.feed_url, None, 6)


def test_a_noted_place_that_leads_nowhere_is_forgotten(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    house.store.write(lambda db: feeds.change(db, feed.id, {"moves_to": host.feed_url}))
    assert at(house, feed.id) == (host.feed_url, None, 5)


# --- the pure decision ----------------------------------------------------------------------------


def reading(home: str, moves_to: str | None = None) -> MoveReading:
    return MoveReading(home, NotModified(), None, moves_to)


def ends(web: dict[str, str | None], start: str = "http://a.example/") -> tuple[str, str | None, list[str]]:
    """Return (the feed's final URL, a move not followed, the visited URLs) in a graph of URLs that name each other."""
    looked: list[str] = []

    def look(address: str) -> MoveReading | None:
        looked.append(address)
        return reading(address, web[address]) if address in web else None

    found = follow(reading(start, web[start]), look)
    return found.home, found.moves_to, looked


def test_a_chain_is_followed_to_its_end_but_not_on_and_on() -> None:
    names = [f"http://{n}.example/" for n in "abcdefgh"]
    chain: dict[str, str | None] = dict(zip(names, [*names[1:], None], strict=True))
    short = chain | {names[MOST_MOVES]: None}
    assert ends(short) == (names[MOST_MOVES], None, names[1 : MOST_MOVES + 1])
    assert ends(chain) == (names[0], None, names[1 : MOST_MOVES + 1])


def test_a_chain_that_breaks_ends_where_a_feed_still_was() -> None:
    assert ends({"http://a.example/": "http://b.example/", "http://b.example/": "http://c.example/"}) == (
        "http://b.example/",
        "http://c.example/",
        ["http://b.example/", "http://c.example/"],
    )


def test_https_is_a_step_and_the_way_back_is_none() -> None:
    both = {"http://a.example/": "https://A.example:443/", "https://A.example:443/": "http://a.example/"}
    assert ends(both) == ("https://A.example:443/", None, ["https://A.example:443/"])
    assert ends(both, "https://A.example:443/") == ("https://A.example:443/", None, [])
