"""A feed's address, changed by hand: real requests to two hosts, a real store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.feeds.feed import Feed
from core.domain.feeds.feed_credentials import CredentialsKind
from core.services.feeds.subscriptions import Subscriptions
from core.store.db.database import Store
from core.store.library import episodes
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import Rig


@pytest.fixture
def other() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


@pytest.fixture
def subscriptions(store: Store, rig: Rig) -> Subscriptions:
    return Subscriptions(store, rig.settings, rig.fetcher, clock=lambda: rig.now)


@pytest.fixture
def feed(subscriptions: Subscriptions, host: PodcastHost) -> Feed:
    return subscriptions.add(OWNER, host.feed_url, backlog=0).feed


def ids(store: Store, feed_id: int) -> list[int]:
    return sorted(e.id for e in episodes.of_feed(store.read(), feed_id))


def renamed(host: PodcastHost, sign: str) -> None:
    """Another host names its items in its own way: only that sign is as it was."""
    for number, item in enumerate(host.items):
        if sign != "guid":
            item.guid = f"other-{number}"
        if sign != "title and date":
            item.title = f"Called otherwise {number}"


@pytest.mark.parametrize("sign", ["guid", "title and date"])
def test_episodes_are_kept_and_the_new_ones_come(
    sign: str, subscriptions: Subscriptions, store: Store, feed: Feed, host: PodcastHost, other: PodcastHost
) -> None:
    before = ids(store, feed.id)
    renamed(other, sign)
    other.publish("en_short.wav", "The first at the new place")
    row = subscriptions.change_address(OWNER, feed.id, other.feed_url)
    assert (row.feed.url, row.feed.former_url, row.feed.error) == (other.feed_url, host.feed_url, None)
    after = ids(store, feed.id)
    assert set(before) < set(after) and len(after) == len(before) + 1
    asked = len(host.requests())
    assert subscriptions.refresh(OWNER, feed.id).feed.error is None
    assert len(host.requests()) == asked, "the old host is not asked any more"
    assert len(ids(store, feed.id)) == len(after)


@pytest.mark.parametrize(
    "typed",
    ["{host}/feed.xml ", "{host}/feed.xml#top", "feed:{host}/feed.xml", "{host}/as/moved/feed.xml", "{host}/as/found/feed.xml"],
)
def test_addresses_are_taken_as_people_paste_them(
    typed: str, subscriptions: Subscriptions, feed: Feed, other: PodcastHost
) -> None:
    url = subscriptions.change_address(OWNER, feed.id, typed.format(host=other.url)).feed.url
    assert url == (f"{other.url}/as/found/feed.xml" if "found" in typed else other.feed_url)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/as/not_found/feed.xml", errors.AddressNotChanged),
        ("/as/error/feed.xml", errors.AddressNotChanged),
        ("/as/break/feed.xml", errors.AddressNotChanged),
        ("/as/too_many/feed.xml", errors.AddressNotChanged),
        ("/as/forbidden/feed.xml", errors.AddressNotChanged),
        ("/as/loop/feed.xml", errors.AddressNotChanged),
        ("/as/html/feed.xml", errors.NotAFeed),
        ("/audio/en_short.wav", errors.NotAFeed),
        ("/as/to_private/feed.xml", errors.BadAddress),
        ("/as/to_file/feed.xml", errors.BadAddress),
    ],
)
def test_what_is_no_feed_changes_nothing(
    path: str, error: type[Exception], subscriptions: Subscriptions, store: Store, feed: Feed, other: PodcastHost
) -> None:
    before = subscriptions.get(OWNER, feed.id), ids(store, feed.id)
    with pytest.raises(error):
        subscriptions.change_address(OWNER, feed.id, other.url + path)
    assert (subscriptions.get(OWNER, feed.id), ids(store, feed.id)) == before


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "javascript:alert(1)", "inbox:Talks", "http://10.0.0.1/feed", "http://[::1]/feed"]
)
def test_only_web_addresses_through_the_guard(url: str, subscriptions: Subscriptions, feed: Feed) -> None:
    with pytest.raises(errors.BadAddress):
        subscriptions.change_address(OWNER, feed.id, url)
    assert subscriptions.get(OWNER, feed.id).feed == feed


@pytest.mark.parametrize("path", ["/feed.xml", "/as/moved/feed.xml"])
def test_what_another_subscription_has_is_refused_by_its_name(
    path: str, subscriptions: Subscriptions, feed: Feed, other: PodcastHost
) -> None:
    there = subscriptions.add(OWNER, other.feed_url, backlog=0).feed
    subscriptions.change(OWNER, there.id, title="The other one")
    with pytest.raises(errors.AddressTaken, match="The other one"):
        subscriptions.change_address(OWNER, feed.id, other.url + path, anyway=True)
    assert subscriptions.get(OWNER, feed.id).feed.url == feed.url


def test_another_show_is_refused_unless_it_is_meant(
    subscriptions: Subscriptions, store: Store, feed: Feed, other: PodcastHost
) -> None:
    before = ids(store, feed.id)
    for number, item in enumerate(other.items):
        item.guid, item.title, item.published, item.file = f"x{number}", f"Y{number}", item.published - 500.0, "en_meeting.m4a"
        item.url = f"{other.url}/z{number}.mp3"
    with pytest.raises(errors.AnotherShow):
        subscriptions.change_address(OWNER, feed.id, other.feed_url)
    assert ids(store, feed.id) == before
    subscriptions.change_address(OWNER, feed.id, other.feed_url, anyway=True)
    assert len(ids(store, feed.id)) == len(before) + len(other.items)


def test_it_is_undone_also_when_the_former_address_is_dead(
    subscriptions: Subscriptions, store: Store, rig: Rig, feed: Feed, host: PodcastHost, other: PodcastHost
) -> None:
    subscriptions.change_address(OWNER, feed.id, other.feed_url)
    host.play("/feed.xml", Mode.GONE)
    row = subscriptions.undo_address(OWNER, feed.id)
    assert (row.feed.url, row.feed.former_url, row.feed.next_poll_at) == (host.feed_url, None, rig.now)
    assert subscriptions.refresh(OWNER, feed.id).feed.error
    assert subscriptions.refresh(OWNER, feed.id).feed.error is None
    assert len(ids(store, feed.id)) == len(host.items)
    with pytest.raises(errors.Conflict):
        subscriptions.undo_address(OWNER, feed.id)


def test_a_user_in_the_new_address_is_kept_apart_from_it(subscriptions: Subscriptions, feed: Feed, other: PodcastHost) -> None:
    other.ask_for("Authorization", "Basic YW5uYTpwdw==")
    with pytest.raises(errors.AccessRefused):
        subscriptions.change_address(OWNER, feed.id, other.feed_url)
    row = subscriptions.change_address(OWNER, feed.id, other.feed_url.replace("://", "://anna:pw@"))
    assert (row.feed.url, row.credentials) == (other.feed_url, CredentialsKind.PASSWORD)


@pytest.mark.parametrize(
    ("body", "remark"),
    [
        ("<rss><channel><title>A</title><item><title>An article</title></item></channel></rss>", "remark.no_audio"),
        ("<rss><channel><title>A</title></channel></rss>", "remark.empty"),
    ],
)
def test_a_feed_without_anything_to_hear_says_so(
    body: str, remark: str, subscriptions: Subscriptions, feed: Feed, host: PodcastHost
) -> None:
    host.serve_feed(body)
    assert [m.key for m in subscriptions.refresh(OWNER, feed.id).remarks] == [remark]
    host.serve_feed(None)
    assert subscriptions.refresh(OWNER, feed.id).remarks == ()


def test_a_feed_that_is_cut_off_says_so_and_is_asked_for_all_of_it(
    subscriptions: Subscriptions, store: Store, feed: Feed, host: PodcastHost
) -> None:
    host.publish("new.wav", "A new one", data=host.files["en_short.wav"])
    whole = host.feed()
    host.serve_feed(whole[: whole.index(b"</item>") + 7])
    row = subscriptions.refresh(OWNER, feed.id)
    assert [m.key for m in row.remarks] == ["remark.cut_off"]
    assert len(ids(store, feed.id)) == len(host.items), "what there was of it came"
    host.serve_feed(None)
    subscriptions.poll(feed.id)
    assert "if-none-match" not in host.requests("/feed.xml")[-1].headers
    assert subscriptions.get(OWNER, feed.id).remarks == ()
