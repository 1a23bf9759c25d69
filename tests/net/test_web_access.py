"""A private feed's credentials are sent to its own host and the hosts that the user names, and to no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.domain.feeds.feed_credentials import FeedCredentials
from core.net.web import Fetcher
from tests.fakes.podcast_host import PodcastHost

SECRET = "horse-staple"
SAID = "Basic YW5uYTpob3JzZS1zdGFwbGU="


@pytest.fixture
def other() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


def said(host: PodcastHost) -> list[str | None]:
    return [request.headers.get("authorization") for request in host.requests()]


def get(fetcher: Fetcher, url: str, credentials: FeedCredentials | None = None) -> str:
    with fetcher.open(url, credentials=credentials) as answer:
        answer.read(10_000_000)
        return answer.url


def test_every_request_to_the_feeds_host_says_it(host: PodcastHost, fetcher: Fetcher) -> None:
    credentials = FeedCredentials.of(host.feed_url, user="anna", password=SECRET)
    get(fetcher, host.feed_url, credentials)
    get(fetcher, f"{host.url}/as/found/feed.xml", credentials)
    assert said(host) == [SAID] * 3


def test_another_host_is_told_nothing_not_even_at_first(host: PodcastHost, other: PodcastHost, fetcher: Fetcher) -> None:
    credentials = FeedCredentials.of(host.feed_url, user="anna", password=SECRET, headers={"X-Key": SECRET})
    get(fetcher, other.feed_url, credentials)
    assert SECRET not in str(other.requests()) and said(other) == [None]


def test_a_redirect_to_another_host_drops_it_also_when_a_later_one_comes_back(
    host: PodcastHost, other: PodcastHost, fetcher: Fetcher
) -> None:
    credentials = FeedCredentials.of(host.feed_url, headers={"X-Key": SECRET})
    host.redirects["/start"] = f"{other.url}/and-back"
    other.redirects["/and-back"] = host.feed_url
    assert get(fetcher, f"{host.url}/start", credentials) == host.feed_url
    assert [r.headers.get("x-key") for r in host.requests()] == [SECRET, None]
    assert SECRET not in str(other.requests())


def test_hosts_that_the_user_names_are_told_too(host: PodcastHost, other: PodcastHost, fetcher: Fetcher) -> None:
    credentials = FeedCredentials.of(host.feed_url, token=SECRET, hosts=[f"127.0.0.1:{other.port}"])
    host.redirects["/start"] = other.feed_url
    get(fetcher, f"{host.url}/start", credentials)
    assert said(host) == said(other) == [f"Bearer {SECRET}"]


def test_the_user_agent_goes_along(host: PodcastHost, other: PodcastHost, fetcher: Fetcher) -> None:
    host.redirects["/start"] = other.feed_url
    get(fetcher, f"{host.url}/start", FeedCredentials.of(host.feed_url, user_agent="Player/1"))
    assert [r.headers["user-agent"] for r in (*host.requests(), *other.requests())] == ["Player/1"] * 2


def test_a_user_in_the_publishers_own_address_is_said_to_that_host_alone(
    host: PodcastHost, other: PodcastHost, fetcher: Fetcher
) -> None:
    host.redirects["/start"] = f"http://eve:trap@127.0.0.1:{other.port}/feed.xml"
    at = get(fetcher, f"http://anna:{SECRET}@127.0.0.1:{host.port}/start")
    assert said(host) == [SAID]
    assert (said(other), at) == ([None], other.feed_url)


def test_one_request_leaves_nothing_for_the_next(host: PodcastHost, fetcher: Fetcher) -> None:
    get(fetcher, host.feed_url, FeedCredentials.of(host.feed_url, user="anna", password=SECRET, user_agent="Player/1"))
    get(fetcher, host.feed_url)
    assert said(host) == [SAID, None]
    assert host.requests()[1].headers["user-agent"].startswith("CastMind/")
