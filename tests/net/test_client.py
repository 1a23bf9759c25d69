"""A GET over a pool of connections: what is sent, and what is left to the caller."""

from __future__ import annotations

from collections.abc import Iterator

import httpcore
import httpx
import pytest

from core.net.client import Client
from tests.fakes.podcast_host import Mode, PodcastHost


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(httpcore.SyncBackend(), {"user-agent": "Test/1"})
    yield made
    made.close()


def test_a_body_comes_in_blocks_with_its_headers(host: PodcastHost, client: Client) -> None:
    reply = client.get(host.feed_url, {}, connect=30.0, read=30.0)
    try:
        assert (reply.status, b"<rss" in b"".join(reply.blocks())) == (200, True)
        assert reply.headers["Content-Type"] == reply.headers["content-type"]
    finally:
        reply.close()


def test_a_redirect_is_the_callers_to_follow(host: PodcastHost, client: Client) -> None:
    host.play("/feed.xml", Mode.LOOP)
    reply = client.get(host.feed_url, {}, connect=30.0, read=30.0)
    reply.close()
    assert 300 <= reply.status < 400 and "location" in reply.headers


def test_what_is_no_address_is_refused_before_a_connection(client: Client) -> None:
    with pytest.raises(httpx.InvalidURL):
        client.get("http://a.example:port/", {}, connect=30.0, read=30.0)
