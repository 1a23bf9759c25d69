"""Fallback titles of episodes: no URL and no key becomes one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.feeds.feed import Feed, FeedEntry
from core.store.library import episodes
from core.transactions.fallback_title import stand_in
from tests.fakes.podcast_host import START, PodcastHost
from tests.subscriptions_fixture import House

FEED = Feed(1, "https://a.example/feed", "The Show", 0.0)
KEY = "q9w8e7r6t5y4u3i2o1p0"


def named(guid: str, address: str = "https://cdn.example/media.mp3", published: float | None = START) -> str:
    return stand_in(FEED, FeedEntry(guid, "", address, published_at=published))


def test_a_guid_that_reads_like_a_name_is_cleaned_like_other_text() -> None:
    assert named("  Ask us <b>anything</b> &amp; more\u202e\n#12 ") == "Ask us anything & more #12"
    assert named("第十二期") == "第十二期"
    assert len(named("word " * 300)) == 500


@pytest.mark.parametrize(
    "guid",
    [
        f"https://a.example/private/{KEY}?auth={KEY}",
        f"cdn.example/x.mp3?listener={KEY}",
        "https://a.example/?p=1234",
        "tag:soundcloud,2010:tracks/123456",
        "urn:castmind:one",
        "5ea17537-f11f-4532-8202-294d976b9d5c",
        "1f3870be274f6c49b3e31a0c6728957f",
        "1024",
        KEY,
        "anna@a.example",
        "",
    ],
)
def test_an_address_a_key_or_a_number_is_no_title_but_the_files_name_is(guid: str) -> None:
    assert named(guid, f"https://anna:pw@cdn.example/{KEY}/the_long%20winter-12.mp3?token={KEY}#t") == "the long winter-12"


def test_a_name_with_a_number_or_two_in_it_is_one_and_ten_drawn_characters_are_none() -> None:
    assert named("Chapter12b on rust") == "Chapter12b on rust"
    assert named("Formula1race revisited") == "Formula1race revisited"
    assert named("talk xyzwvu1rq2") == "2025-06-15"
    assert named("talk abc1def2g") == "talk abc1def2g"


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example/audio.mp3?id=1",
        f"https://cdn.example/{KEY}.mp3",
        "https://cdn.example/5ea17537-f11f-4532-8202-294d976b9d5c.m4a",
        f"https://host.example/play/https%3A%2F%2Fcdn.example%2F2024-1-2%2F{KEY}.mp3",
        f"https://cdn.example?token={KEY}",
        "https://cdn.example/20240117.mp3",
        "https://cdn.example/%00%1b.mp3",
    ],
)
def test_where_the_file_has_no_name_either_it_is_the_date(address: str) -> None:
    assert named("1024", address) == "2025-06-15"
    assert named("1024", address, published=None) == "The Show"
    assert named("1024", address, published=1e300) == "The Show"


def test_a_key_in_an_untitled_items_guid_is_neither_shown_nor_exported(house: House, host: PodcastHost) -> None:
    host.items[0] = replace(host.items[0], title="", guid=f"{host.url}/?auth={KEY}")
    host.items[1] = replace(host.items[1], title="", guid=None, url=f"{host.url}/audio/{KEY}.mp3?auth={KEY}")
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    assert {"en episode", "2025-06-14"} < set(house.episodes(feed.id))
    for episode in episodes.of_feed(house.store.read(), feed.id):
        assert KEY not in episode.title


def test_a_title_that_comes_later_takes_its_place_and_the_users_own_stays(house: House, host: PodcastHost) -> None:
    host.items[0] = replace(host.items[0], title="", guid="1024")
    host.items[1] = replace(host.items[1], title="", guid="1025")
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    mine = house.episodes(feed.id)["zh episode"]
    house.store.write(lambda db: episodes.change(db, mine.id, {"title": "Mine"}, now=house.now))
    host.items[0] = replace(host.items[0], title="At last")
    host.items[1] = replace(host.items[1], title="Too late")
    host.touch()
    assert house.subscriptions.poll(feed.id).taken.updated == 2
    assert {"At last", "Mine"} < set(house.episodes(feed.id))
