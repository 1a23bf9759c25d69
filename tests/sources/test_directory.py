from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.domain.feeds.imports import FeedCandidate, Which
from core.errors import BadAddress, DirectoryUnavailable, NetworkUnreachable, UserError
from core.net.web import Fetcher
from core.sources.directory import Directory, Places, apple_number
from tests.fakes.podcast_directory import KEY, SECRET, PodcastDirectory

CATS, DOGS = "https://cats.example/feed", "https://dogs.example/feed"


@pytest.fixture
def server() -> Iterator[PodcastDirectory]:
    with PodcastDirectory() as running:
        running.shows = [("Cats <b>weekly</b>", "A. Cat", CATS, "https://cats.example/c.jpg"), ("Cats and dogs", "B", DOGS, None)]
        yield running


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    made = Fetcher(lambda: ("127.0.0.1",))
    yield made
    made.close()


@pytest.fixture
def places(server: PodcastDirectory) -> Places:
    return Places(server.url, server.url, KEY, SECRET)


def test_itunes_is_searched_without_a_key(server: PodcastDirectory, fetcher: Fetcher, places: Places) -> None:
    directory = Directory(fetcher, lambda: replace(places, key="", secret=""))
    found = directory.search("  cats \n")
    assert found[0] == FeedCandidate(
        CATS,
        "Cats weekly",
        "A. Cat",
        "https://podcasts.apple.com/us/podcast/id1000",
        "https://cats.example/c.jpg",
        10,
    )
    assert [each.url for each in directory.search("DOGS")] == [DOGS]
    assert directory.search("birds") == []
    path, query, headers = server.asked[0]
    assert (path, query["term"], query["media"]) == ("/search", "cats", "podcast")
    assert "cookie" not in headers


def test_the_podcast_index_gets_a_signed_request(server: PodcastDirectory, fetcher: Fetcher, places: Places) -> None:
    found = Directory(fetcher, lambda: places, clock=lambda: 1_700_000_000.4).search("dogs", Which.PODCAST_INDEX)
    assert [(each.url, each.author, each.episodes) for each in found] == [(DOGS, "B", 11)]
    assert server.asked[0][2]["x-auth-date"] == "1700000000"
    with pytest.raises(DirectoryUnavailable) as caught:
        Directory(fetcher, lambda: replace(places, secret="wrong s3cret")).search("dogs", Which.PODCAST_INDEX)
    assert "s3cret" not in f"{caught.value.detail}{places!r}" and SECRET not in repr(places)


def test_a_directory_that_is_not_set_up_is_not_asked(server: PodcastDirectory, fetcher: Fetcher, places: Places) -> None:
    without = replace(places, itunes="", key="")
    directory = Directory(fetcher, lambda: without)
    assert directory.open == ()
    for which in (None, *Which):
        with pytest.raises(UserError):
            directory.search("cats", which)
    assert directory.show(1000) == []
    with pytest.raises(UserError):
        Directory(fetcher, lambda: places).search("   ")
    assert server.asked == []


def test_what_a_directory_writes_is_not_trusted(server: PodcastDirectory, fetcher: Fetcher, places: Places) -> None:
    server.body = b"""{"results": [
        {"collectionName": "no feed"}, {"feedUrl": "javascript:alert(1)"}, "text", null, {"feedUrl": 7},
        {"feedUrl": "https://a.example/f", "collectionName": null, "artworkUrl600": "file:///etc/passwd", "trackCount": "many"},
        {"feedUrl": "https://a.example/f", "collectionName": "again"}]}"""
    assert Directory(fetcher, lambda: places).search("x") == [FeedCandidate("https://a.example/f", "https://a.example/f")]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff", b"", b"[" * 100_000, b'{"results": {}}'])
def test_what_cannot_be_read_is_told(server: PodcastDirectory, fetcher: Fetcher, places: Places, body: bytes) -> None:
    server.body = body
    directory = Directory(fetcher, lambda: places)
    if body.startswith(b"{"):
        assert directory.search("x") == []
        return
    with pytest.raises(DirectoryUnavailable):
        directory.search("x")


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_a_directory_that_refuses_is_told(server: PodcastDirectory, fetcher: Fetcher, places: Places, status: int) -> None:
    server.status = status
    with pytest.raises(DirectoryUnavailable):
        Directory(fetcher, lambda: places).search("x")


def test_without_a_network_it_says_so(fetcher: Fetcher, places: Places) -> None:
    def offline(host: str, port: int) -> list[str]:
        raise OSError("no name server")

    away = Fetcher(tuple, resolve=offline)
    with pytest.raises(NetworkUnreachable, match="without it"):
        Directory(away, lambda: replace(places, itunes="https://itunes.example")).search("x")
    away.close()


def test_a_directory_inside_the_home_network_has_to_be_named(server: PodcastDirectory, places: Places) -> None:
    guarded = Fetcher(tuple)
    with pytest.raises(BadAddress):
        Directory(guarded, lambda: places).search("x")
    guarded.close()
    assert server.asked == []


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://podcasts.apple.com/us/podcast/some-show/id1535809341", 1535809341),
        ("https://podcasts.apple.com/cn/podcast/%E6%92%AD%E5%AE%A2/id1493503146?i=1000", 1493503146),
        ("https://itunes.apple.com/podcast/id523121474?mt=2", 523121474),
        ("https://podcasts.apple.com/us/podcast/some-show", None),
        ("https://podcasts.apple.com.evil.example/id1535809341", None),
        ("https://example.org/id1535809341", None),
        ("http://[", None),
    ],
)
def test_a_shows_page_at_apple_is_known_by_its_number(url: str, number: int | None) -> None:
    assert apple_number(url) == number
