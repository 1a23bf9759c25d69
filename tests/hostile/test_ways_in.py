"""No address, however it is spelt and whichever way it comes in, makes this computer call one inside the house.

Counted at the socket: an audit hook sees every connect of the interpreter, whichever library asks for it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.publisher_extras import ExtraKind, Offer
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.feeds.imports import LineState, Outline
from core.domain.jobs.job import Stage
from core.net.addresses import resolve
from core.net.web import Fetcher
from core.pipeline.step import Resources
from core.services.feeds.discovery import PodcastDiscovery
from core.services.feeds.subscriptions import Subscriptions
from core.services.library.covers import Covers
from core.sources import opml
from core.sources.feeds.fetch import fetch
from core.sources.media import picture
from core.sources.media.download import download
from core.sources.publisher.fetch import fetch_all
from core.store.library import episodes, publisher_extras
from tests.fakes.podcast_host import PodcastHost
from tests.hostile.conftest import OUTSIDE
from tests.hostile.sockets import connections
from tests.hostile.urls import A_FEW, FORMS, HOSTILE, HOSTS
from tests.runner_fixture import Rig, real_runs
from tests.subscriptions_fixture import ImportDesk

REFUSED = (errors.BadAddress, errors.NetworkUnreachable)


@pytest.fixture
def fetcher() -> Any:
    made = Fetcher()
    yield made
    made.close()


def test_the_list_is_long_enough_and_the_counter_counts() -> None:
    assert len(set(HOSTILE)) >= 200
    with connections() as seen, socket.socket() as one:
        one.settimeout(0.1)
        with pytest.raises(OSError):
            one.connect(("127.0.0.1", 9))
    assert seen == [("127.0.0.1", 9)]


def test_no_hostile_address_makes_a_connection(fetcher: Fetcher) -> None:
    with connections() as seen:
        for url in HOSTILE:
            with pytest.raises(REFUSED), fetcher.open(url):
                pass
    assert seen == []


def test_a_server_that_listens_on_every_address_of_this_computer_hears_nothing(fetcher: Fetcher) -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        server.settimeout(0)
        for name in HOSTS:
            with pytest.raises(REFUSED), fetcher.open(f"http://{name}:{server.getsockname()[1]}/"):
                pass
        with pytest.raises(BlockingIOError):
            server.accept()


def test_no_hostile_address_is_called_on_any_hop(outside: Fetcher, host: PodcastHost) -> None:
    """The allowed host sends on to each of them, at once and after two more hops."""
    inside = f"http://{OUTSIDE}:{host.port}"
    for n, url in enumerate([f"http://{name}/" for name in HOSTS] + [form for form in FORMS if "://" in form]):
        if not url.isprintable() or not url.strip() or not url.isascii():
            continue
        host.redirects[f"/{n}"] = url
        host.redirects[f"/far/{n}"] = f"{inside}/{n}"
    with connections() as seen:
        for path in list(host.redirects):
            # One without a host is a path of the host that sent it.
            with suppress(*REFUSED, errors.DownloadFailed), outside.open(f"{inside}{path}") as answer:
                assert answer.url.startswith(f"{inside}/")
    assert {address[:2] for address in seen} == {("127.0.0.1", host.port)}
    assert len(host.requests()) > 200


def _ways(rig: Rig, fetcher: Fetcher, tmp_path: Path) -> dict[str, Callable[[str], object]]:
    subscriptions = Subscriptions(rig.store, rig.settings, fetcher)
    discovery = PodcastDiscovery(rig.store, rig.settings, fetcher)

    def enclosure(url: str) -> object:
        return download(
            url, tmp_path / "a.part", fetcher=fetcher, on_progress=lambda *_: None, check=lambda: None, min_free_bytes=0
        )

    def offered(kind: ExtraKind) -> Callable[[str], object]:
        def ask(url: str) -> object:
            (outcome,) = fetch_all([Offer(kind, url)], fetcher)
            assert outcome.error and outcome.document is None
            raise errors.BadAddress

        return ask

    def listed(url: str) -> object:
        with ImportDesk(rig.store, subscriptions) as desk:
            begun = desk.imports.add_opml(OWNER, opml.write([Outline(url, "x")], title="", now=0.0))
            desk.run()
        assert desk.states(begun) in ([LineState.FAILED], [LineState.WAITING])
        raise errors.BadAddress

    return {
        "feed": lambda url: subscriptions.add(OWNER, url),
        "private feed": lambda url: subscriptions.add(
            OWNER, url, credentials=FeedCredentials.of("http://a.example", user="a", password="b")
        ),
        "poll": lambda url: fetch(url, None, None, fetcher),
        "enclosure": enclosure,
        "transcript": offered(ExtraKind.TRANSCRIPT),
        "chapters": offered(ExtraKind.CHAPTERS),
        "cover": lambda url: picture.of_address(fetcher, url),
        "web page": lambda url: discovery.discover(OWNER, url, lambda: None),
        "OPML": listed,
    }


WAYS = ("feed", "private feed", "poll", "enclosure", "transcript", "chapters", "cover", "web page", "OPML")


@pytest.mark.parametrize("way", WAYS)
def test_no_way_in_leads_there(way: str, rig: Rig, fetcher: Fetcher, tmp_path: Path) -> None:
    ask = _ways(rig, fetcher, tmp_path)[way]
    with connections() as seen:
        for url in A_FEW:
            with pytest.raises((*REFUSED, errors.FeedUnavailable)):
                ask(url)
    assert seen == []


@pytest.mark.parametrize("way", WAYS)
def test_no_way_in_leads_there_by_a_redirect(way: str, rig: Rig, outside: Fetcher, host: PodcastHost, tmp_path: Path) -> None:
    ask = _ways(rig, outside, tmp_path)[way]
    with connections() as seen:
        for n, url in enumerate(A_FEW):
            host.redirects[f"/{n}"] = url
            with pytest.raises((*REFUSED, errors.FeedUnavailable)):
                ask(f"http://{OUTSIDE}:{host.port}/{n}")
    assert {address[:2] for address in seen} == {("127.0.0.1", host.port)}


def test_what_a_feed_names_is_no_way_around(rig: Rig, outside: Fetcher, host: PodcastHost) -> None:
    """A new address, enclosure, transcript, chapters, cover, through the real stages: each is refused for itself."""
    where = "http://169.254.169.254/latest"
    offers = f"<podcast:transcript url='{where}/t.vtt' type='text/vtt'/><podcast:chapters url='{where}/c.json'/>"
    host.serve_feed(
        "<rss version='2.0' xmlns:podcast='https://podcastindex.org/namespace/1.0' "
        "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel><title>Trap</title>"
        f"<itunes:new-feed-url>{where}/feed.xml</itunes:new-feed-url>"
        f"<itunes:image href='{where}/i.png'/><item><title>One</title><guid>1</guid>{offers}"
        f"<enclosure url='{where}/a.mp3' type='audio/mpeg' length='1'/></item></channel></rss>"
    )
    subscriptions = Subscriptions(rig.store, rig.settings, outside)
    rig.stages[Stage.FETCH] = real_runs(Resources(rig.data, None, None, None, outside))[Stage.FETCH]  # type: ignore[arg-type]
    with connections() as seen:
        feed_id = subscriptions.add(OWNER, f"http://{OUTSIDE}:{host.port}/feed.xml", backlog=1).feed.id
        (episode,) = episodes.of_feed(rig.store.read(), feed_id)
        rig.now = 4e9
        rig.run_all()
        covers = Covers(rig.store, outside, rig.data)
        covers.show(OWNER, episode.id)
        covers.step()
        fetch_all([o.offer for o in publisher_extras.tried(rig.store.read(), episode.id)], outside)
    error = rig.job(episode.id, Stage.FETCH).error
    assert error and error["code"] == "bad_address"
    assert {address[:2] for address in seen} == {("127.0.0.1", host.port)}
    assert list((rig.data / "media").glob("*.part*")) == []


def test_a_name_that_changes_its_mind_gains_nothing() -> None:
    """Rebinding: public when it is asked for, private a moment later; and one that names both at once."""
    asked: list[str] = []

    def turning(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["192.0.2.1", "127.0.0.1"] if len(asked) % 2 else ["127.0.0.1", "::1", "fe80::1%lo"]

    made = Fetcher(resolve=turning)
    with connections() as seen:
        for _ in range(6):
            with pytest.raises(REFUSED), made.open("http://rebinding.example/"):
                pass
    assert seen == [] and len(asked) == 6
    made.close()


def test_an_allowed_private_host_opens_itself_alone(host: PodcastHost) -> None:
    made = Fetcher(lambda: ("nas.home",), resolve=lambda name, port: ["127.0.0.1"] if "." in name else resolve(name, port))
    with connections() as seen:
        with made.open(f"http://nas.home:{host.port}/feed.xml") as answer:
            assert answer.status == 200
        for name in ("other.home", "nas.home.example", "xnas.home", "127.0.0.1"):
            with pytest.raises(errors.BadAddress), made.open(f"http://{name}:{host.port}/feed.xml"):
                pass
    assert seen == [("127.0.0.1", host.port)]
    made.close()


def test_discovery_reads_no_link_into_the_house(rig: Rig, outside: Fetcher, host: PodcastHost) -> None:
    links = "".join(f"<link rel='alternate' type='application/rss+xml' href='{url}feed.xml'>" for url in A_FEW)
    host.serve_feed(f"<!doctype html><html><head><title>x</title>{links}</head></html>", content_type="text/html")
    finding = PodcastDiscovery(rig.store, rig.settings, outside)
    with connections() as seen:
        assert list(finding.discover(OWNER, f"http://{OUTSIDE}:{host.port}/feed.xml", lambda: None)) == []
    assert {address[:2] for address in seen} == {("127.0.0.1", host.port)}
