from __future__ import annotations

import pytest

from core.errors import BadAddress, NetworkUnreachable
from core.net.cookies import LONGEST, MOST, Cookies
from core.net.web import Fetcher
from tests.fakes.podcast_host import Mode, PodcastHost

HERE = "https://a.example/feed.xml"


def test_a_server_that_waits_for_its_cookie_is_told_it_and_then_it_is_forgotten(host: PodcastHost, fetcher: Fetcher) -> None:
    for _ in range(2):
        with fetcher.open(f"{host.url}/as/{Mode.COOKIE}/feed.xml") as answer:
            assert answer.read(1_000_000) == host.feed()
    assert [asked.headers.get("cookie") for asked in host.requests()] == [None, "seen=yes"] * 2


def test_the_server_that_sent_on_is_not_told_what_the_next_one_set(host: PodcastHost, fetcher: Fetcher) -> None:
    with PodcastHost() as other:
        host.redirects["/start"] = f"{other.url}/as/{Mode.COOKIE}/feed.xml"
        for _ in range(2):
            with fetcher.open(f"{host.url}/start") as answer:
                assert answer.status == 200
        assert [asked.headers.get("cookie") for asked in host.requests()] == [None, None]
        assert [asked.headers.get("cookie") for asked in other.requests()] == [None, "seen=yes"] * 2


NOWHERE = (
    "http://[",
    "http://x:99999/",
    "https://",
    "http://a b.example/",
    "http://x:0/",
    "https://..",
    "ftp://x/",
    "http://256.0.0.1.2.3:x/",
)


@pytest.mark.parametrize("target", NOWHERE)
def test_what_is_no_address_is_refused_at_the_second_hop_as_at_the_first(
    target: str, host: PodcastHost, fetcher: Fetcher
) -> None:
    host.redirects["/start"] = target
    with pytest.raises((BadAddress, NetworkUnreachable)), fetcher.open(f"{host.url}/start"):
        pass
    assert len(host.requests()) == 1


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://a.example/feed.xml",
        "https://a.example:444/feed.xml",
        "https://b.a.example/feed.xml",
        "https://example/feed.xml",
        "https://a.example.b.example/feed.xml",
    ],
)
def test_a_cookie_is_for_its_own_scheme_host_and_port(elsewhere: str) -> None:
    cookies = Cookies()
    cookies.take(HERE, ["a=1; Domain=example; Path=/", "b = two ; HttpOnly", "a=3"])
    assert cookies.headers_for("https://A.example:443/other") == {"Cookie": "a=3; b=two"}
    assert cookies.headers_for(elsewhere) == {}


def test_what_is_no_cookie_or_too_much_is_passed_over() -> None:
    cookies = Cookies()
    cookies.take(HERE, ["", "=x", "name", "; a=1", f"long={'x' * LONGEST}"])
    assert cookies.headers_for(HERE) == {}
    cookies.take(HERE, [f"n{number}=x" for number in range(3 * MOST)])
    assert cookies.headers_for(HERE)["Cookie"].count("=") == MOST
