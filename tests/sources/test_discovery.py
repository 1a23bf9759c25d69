from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.errors import BadAddress, Cancelled
from core.net.web import Fetcher
from core.sources.directory import Directory, Places
from core.sources.discovery import MOST_READ, Discovery, common, named
from core.sources.markup import tags
from tests.fakes.podcast_directory import PodcastDirectory
from tests.fakes.podcast_host import PodcastHost

AT = "https://a.example/show/page.html"


@pytest.fixture
def site() -> Iterator[PodcastDirectory]:
    with PodcastDirectory() as running:
        yield running


@pytest.fixture
def discovery(site: PodcastDirectory) -> Iterator[Discovery]:
    fetcher = Fetcher(lambda: ("127.0.0.1",))
    yield Discovery(fetcher, Directory(fetcher, lambda: Places(site.url, "")))
    fetcher.close()


def serve(site: PodcastDirectory, html: str, path: str = "/show") -> str:
    site.pages[path] = ("text/html; charset=utf-8", html.encode())
    return f"{site.url}{path}"


def link(url: str, kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" href="{url}">'


def test_the_feed_that_a_page_declares_is_read_and_described(
    discovery: Discovery, site: PodcastDirectory, host: PodcastHost
) -> None:
    found = discovery.find(serve(site, f"<html><head>{link(host.feed_url)}</head>"))
    assert [(each.url, each.title, each.author, each.episodes) for each in found] == [
        (host.feed_url, "CastMind samples", "The demo grammar", 5)
    ]


def test_a_feeds_own_address_is_itself(discovery: Discovery, host: PodcastHost) -> None:
    assert [each.url for each in discovery.find(host.feed_url)] == [host.feed_url]


def test_of_several_those_with_audio_are_offered(discovery: Discovery, site: PodcastDirectory, host: PodcastHost) -> None:
    site.pages["/comments"] = ("application/rss+xml", b"<rss version='2.0'><channel><title>Comments</title></channel></rss>")
    page = serve(site, link(f"{host.feed_url}?a") + link("/comments") + link(f"{host.feed_url}?b") + link(f"{host.url}/nowhere"))
    assert [each.url for each in discovery.find(page)] == [f"{host.feed_url}?a", f"{host.feed_url}?b"]
    assert [each.title for each in discovery.find(serve(site, link("/comments")))] == ["Comments"]


def test_a_link_that_looks_like_a_feed_is_tried(discovery: Discovery, site: PodcastDirectory, host: PodcastHost) -> None:
    assert [each.url for each in discovery.find(serve(site, f"<a href='{host.feed_url}'>RSS</a>"))] == [host.feed_url]


def test_common_places_are_tried_where_a_page_says_nothing(
    discovery: Discovery, site: PodcastDirectory, host: PodcastHost
) -> None:
    site.pages["/feed.xml"] = ("text/plain", host.feed())
    assert [each.url for each in discovery.find(serve(site, "<p>A show</p>", "/deep/page"))] == [f"{site.url}/feed.xml"]


def test_a_page_at_apple_is_looked_up_and_never_fetched(discovery: Discovery, site: PodcastDirectory) -> None:
    site.shows = [("Cats", "A", "https://cats.example/feed", None)]
    found = discovery.find("https://podcasts.apple.com/us/podcast/cats/id1000")
    assert [(each.url, each.title) for each in found] == [("https://cats.example/feed", "Cats")]
    assert [path for path, _, _ in site.asked] == ["/lookup"]


def test_a_shows_page_that_links_to_apple_is_known_by_that(discovery: Discovery, site: PodcastDirectory) -> None:
    site.shows = [("Cats", "A", "https://cats.example/feed", None), ("Dogs", "B", "https://dogs.example/feed", None)]
    one = '<a href="https://podcasts.apple.com/us/podcast/cats/id1000">Listen</a>'
    assert [each.title for each in discovery.find(serve(site, one * 3))] == ["Cats"]
    assert discovery.find(serve(site, one + one.replace("id1000", "id1001"))) == []


def test_a_page_with_nothing_offers_nothing(discovery: Discovery, site: PodcastDirectory) -> None:
    assert discovery.find(serve(site, "<p>hello</p>")) == []


def test_a_page_cannot_have_the_home_network_asked(site: PodcastDirectory, host: PodcastHost) -> None:
    asked: list[str] = []

    def resolve(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    fetcher = Fetcher(lambda: ("127.0.0.1",), resolve=resolve)
    inner = Discovery(fetcher, Directory(fetcher, lambda: Places(site.url, "")))
    before = len(host.requests())
    page = serve(
        site, link(f"http://router.home:{host.port}/feed.xml") + link("http://169.254.169.254/feed") + link("file:///etc/passwd")
    )
    assert inner.find(page) == []
    assert len(host.requests()) == before
    assert "router.home" in asked
    with pytest.raises(BadAddress):
        inner.find("http://router.home/")
    fetcher.close()


def test_no_page_can_have_more_than_a_few_addresses_fetched(
    discovery: Discovery, site: PodcastDirectory, host: PodcastHost
) -> None:
    discovery.find(serve(site, "".join(link(f"{host.url}/nowhere{n}") for n in range(500))))
    assert len(host.requests()) == MOST_READ


def test_a_cancel_ends_it(discovery: Discovery, site: PodcastDirectory, host: PodcastHost) -> None:
    def check() -> None:
        if host.requests():
            raise Cancelled()

    with pytest.raises(Cancelled):
        discovery.find(serve(site, link(f"{host.url}/nowhere") + link(host.feed_url)), check)
    assert len(host.requests()) == 1


def test_declared_feeds_come_before_links_and_relative_ones_are_resolved() -> None:
    page = """<a href="feed://b.example/x">app</a><link rel='alternate stylesheet' type=text/css href=style.css>
        <base href="/base/"><LINK HREF="rss.xml" TYPE="application/atom+xml; charset=utf-8" REL="Alternate">
        <a href="/blog">no</a><a href="podcast.xml?x=1#top">yes</a><a href="javascript:feed/">no</a>"""
    assert list(named(page, AT)) == [
        "https://a.example/base/rss.xml",
        "https://b.example/x",
        "https://a.example/base/podcast.xml?x=1",
    ]


def test_common_places_are_below_the_page_and_at_the_top() -> None:
    assert next(common("https://a.example/show/")) == "https://a.example/show/feed"
    assert "https://a.example/feed.xml" in list(common("https://a.example"))


@pytest.mark.parametrize("piece", ["<link ", "<a href=", '<a x="', "<", "=", "a=", "href='", "<a a a a a ", "\"'"])
def test_no_markup_keeps_the_search_busy(piece: str) -> None:
    # A fraction of a second each; backtracking would take hours.
    text = "<a href='x'>" + piece * (1_000_000 // len(piece)) + "<link rel=x>"
    assert next(iter(tags(text, "link", "a"))) == ("a", {"href": "x"})
    assert sum(1 for _ in tags(text, "link", "a")) >= 1
