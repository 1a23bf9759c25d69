"""Servers that keep to no rule, and documents that mean harm, polled by the real machinery over real HTTP.

Each one is an error on its own feed; the feed beside it is read, nothing is left behind, and the hostile one is read again as
soon as it behaves.
"""

from __future__ import annotations

import gzip
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.net.web import Patience
from core.sources.feeds import reading
from core.store.library import episodes
from tests.fakes.hostile_host import Answer, HostileHost
from tests.fakes.podcast_host import PodcastHost
from tests.hostile.sockets import connections
from tests.subscriptions_fixture import House

ITEM = "<item><title>{}</title><guid>1</guid><enclosure url='http://a.example/1.mp3' type='audio/mpeg' length='9'/></item>"
FEED = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Good</title>{ITEM.format('One')}</channel></rss>".encode()


def http(body: bytes, *headers: str, status: str = "200 OK", length: str | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/rss+xml", *headers]
    if length != "":
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def forever(first: bytes, block: bytes) -> Answer:
    def blocks() -> Iterator[bytes]:
        yield first
        while True:
            yield block

    return blocks


def document(inside: str, before: str = "") -> bytes:
    return http(f"<?xml version='1.0'?>{before}<rss version='2.0'><channel>{inside}</channel></rss>".encode())


LAUGHS = "<!DOCTYPE rss [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"
QUADRATIC = f"<!DOCTYPE rss [<!ENTITY q '{'A' * 50_000}'>]>"
XINCLUDE = "http://www.w3.org/2001/XInclude"
TITLE = "<title>{}</title>" + ITEM.format("x")

# Server behaviour ─▶ the permitted errors; "" if the feed may be read anyway.
SERVERS: dict[str, tuple[Answer, set[str]]] = {
    "negative length": (http(FEED, length="-5"), {"broken_off"}),
    "two lengths": (http(FEED, "Content-Length: 3"), {"broken_off"}),
    "length in words": (http(FEED, length="many"), {"broken_off"}),
    "length too long": (http(FEED, length=str(len(FEED) + 100)), {"broken_off"}),
    "length too short": (http(FEED, length="40"), {"not_a_feed"}),
    "astronomic length": (http(FEED, length="9" * 30), {"feed_too_large", "broken_off"}),
    "no answer": (b"", {"broken_off", "network_unreachable"}),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", {"broken_off"}),
    "status in words": (b"HTTP/1.1 fine OK\r\n\r\n", {"broken_off"}),
    "one header without end": (forever(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), {"broken_off"}),
    "headers without end": (forever(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n" * 500), {"broken_off"}),
    "100 without end": (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), {"timed_out"}),
    "body without end": (forever(http(b"", length=""), b"<item>" * 10_000), {"feed_too_large"}),
    "chunks of nonsense": (http(b"zz\r\nhello\r\n", "Transfer-Encoding: chunked", length=""), {"broken_off"}),
    "a chunk without end": (http(b"ffffffffffffffff\r\n<rss>", "Transfer-Encoding: chunked", length=""), {"broken_off"}),
    "neither compressed nor a feed": (http(bytes(5000), "Content-Encoding: gzip"), {"not_a_feed", "download_failed"}),
    "compressed, broken off": (http(gzip.compress(FEED)[:-9], "Content-Encoding: gzip"), {"broken_off"}),
    "compressed in an unknown way": (http(FEED, "Content-Encoding: br"), {"bad_compression"}),
    "gzip bomb": (http(gzip.compress(b" " * 120_000_000, 9), "Content-Encoding: gzip"), {"feed_too_large"}),
    "redirect to nothing": (http(b"", "Location: http:///", status="302 Found"), {"bad_address", "feed_missing"}),
    "redirect in a circle": (http(b"", "Location: /feed.xml", status="301 Moved"), {"redirects_in_circle"}),
    "redirect of controls": (http(b"", "Location: http://a\x00b/", status="302 Found"), {"bad_address", "broken_off"}),
    "a web page": (http(b"<!doctype html><html><title>Sign in</title></html>"), {"not_a_feed"}),
    "a picture": (http(b"\x89PNG\r\n\x1a\n" + bytes(5000)), {"not_a_feed"}),
    "nothing": (http(b""), {"not_a_feed"}),
    "zeros": (http(bytes(100_000)), {"not_a_feed"}),
}  # fmt: skip

DOCUMENTS: dict[str, tuple[Answer, set[str]]] = {
    "billion laughs": (document(TITLE.format("&a11;"), LAUGHS), {""}),
    "quadratic blow-up": (document(TITLE.format("&q;" * 20_000), QUADRATIC), {""}),
    "a file as an entity": (document(TITLE.format("&x;"), "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"), {""}),
    "an address as an entity": (document(TITLE.format("&x;"), "<!DOCTYPE rss [<!ENTITY x SYSTEM 'http://127.0.0.1:1/'>]>"), {""}),
    "a document type elsewhere": (document(TITLE.format("x"), "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/rss.dtd'>"), {""}),
    "a parameter entity": (
        document(TITLE.format("&x;"), "<!DOCTYPE rss [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>"), {"", "not_a_feed"},
    ),
    "an inclusion": (document(f"<xi:include xmlns:xi='{XINCLUDE}' href='file:///etc/passwd'/>{TITLE}"), {""}),
    "nested deep": (document("<a>" * 40_000), {"not_a_feed"}),
    "attributes": (document("<item " + " ".join(f"a{n}='1'" for n in range(40_000)) + "/>"), {"not_a_feed", ""}),
    "markup nested deep": (document(f"<title>{'&lt;div>' * 14_000}</title>{ITEM}"), {""}),
    "broken off": (http(FEED[: len(FEED) // 2]), {"", "not_a_feed"}),
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(reading, "TIMEOUT", 2.0)
    made = House(tmp_path, patience=Patience(connect=2.0, read=2.0, whole=3.0))
    yield made
    made.close()


@pytest.fixture
def hostile() -> Iterator[HostileHost]:
    with HostileHost() as running:
        yield running


def told(house: House, feed_id: int) -> str:
    error = house.subscriptions.refresh(OWNER, feed_id).feed.error
    assert error is None or (error["detail"] and error["code"] != "internal"), error
    return str(error["code"]) if error else ""


@pytest.mark.parametrize("what", [*SERVERS, *DOCUMENTS])
def test_it_is_an_error_on_its_feed_and_the_rest_goes_on(what: str, house: House, hostile: HostileHost, tmp_path: Path) -> None:
    answer, errors = (SERVERS | DOCUMENTS)[what]
    # Where a document keeps its parser busy, that is ended; a fast computer may get through.
    errors = errors | {"too_large"} if what in DOCUMENTS else errors
    url = f"{hostile.url}/feed.xml"
    hostile.answers["/feed.xml"] = http(FEED)
    feed_id = house.subscriptions.add(OWNER, url, backlog=0).feed.id
    with PodcastHost() as good:
        other = house.subscriptions.add(OWNER, good.feed_url, backlog=0).feed.id
        before = {p.name for p in tmp_path.rglob("*")}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        hostile.answers["/feed.xml"] = answer
        with connections() as seen:
            assert told(house, feed_id) in errors
            assert told(house, other) == ""
    assert {f"http://{a[0]}:{a[1]}" for a in seen} <= {hostile.url, good.url}
    assert {p.name for p in tmp_path.rglob("*")} == before
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 400_000, "kB"
    shown = str([(e.title, e.description) for e in episodes.of_feed(house.store.read(), feed_id)])
    assert "root:" not in shown and len(shown) < 200_000
    hostile.answers["/feed.xml"] = http(FEED)
    assert told(house, feed_id) == ""
    assert "One" in house.episodes(feed_id)


def test_what_a_child_cannot_read_in_its_time_is_told_too(
    house: House, hostile: HostileHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "TIMEOUT", 0.001)
    hostile.answers["/feed.xml"] = http(FEED)
    feed_id = house.subscriptions.add(OWNER, f"{hostile.url}/feed.xml", backlog=0).feed.id
    hostile.answers["/feed.xml"] = document("<a>" * 40_000)
    assert told(house, feed_id) == "too_large"
