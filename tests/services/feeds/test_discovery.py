"""Shows found by words or on a page: known ones named, and their covers fetched once, of recent results alone."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import FeedCandidate, Which
from core.errors import BadAddress, NotFound
from core.services.feeds import discovery
from core.services.feeds.discovery import PodcastDiscovery
from core.sources.media import picture
from tests.fakes.podcast_directory import PodcastDirectory
from tests.fakes.podcast_host import PodcastHost
from tests.subscriptions_fixture import House


@pytest.fixture
def directory(house: House) -> Iterator[PodcastDirectory]:
    with PodcastDirectory() as running:
        house.settings.save(OWNER, "itunes_url", running.url)
        yield running


@pytest.fixture
def found(house: House, directory: PodcastDirectory) -> PodcastDiscovery:
    return PodcastDiscovery(house.store, house.settings, house.fetcher, clock=lambda: house.now)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the covers that were fetched."""
    addresses: list[str] = []

    def of_address(_fetcher: object, address: str) -> bytes | None:
        addresses.append(address)
        return None if "none" in address else b"a picture"

    monkeypatch.setattr(picture, "of_address", of_address)
    return addresses


def test_only_the_directories_that_the_settings_open_are_asked(
    house: House, directory: PodcastDirectory, found: PodcastDiscovery
) -> None:
    assert found.directories == (Which.ITUNES,)
    house.settings.save(OWNER, "itunes_url", "")
    assert found.directories == ()


def test_a_show_that_is_subscribed_is_named_by_its_feed(
    house: House, host: PodcastHost, directory: PodcastDirectory, found: PodcastDiscovery
) -> None:
    feed_id = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    directory.shows = [("Cats", "A", host.feed_url, None), ("Cats too", "B", f"{host.feed_url}?2", None)]
    assert [(show.candidate.title, show.feed_id) for show in found.search(OWNER, "cats")] == [
        ("Cats", feed_id),
        ("Cats too", None),
    ]
    assert [show.feed_id for show in found.on_page(OWNER, host.feed_url)] == [feed_id]


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "ftp://a.example/"])
def test_only_pages_of_the_web_are_looked_at(found: PodcastDiscovery, address: str) -> None:
    with pytest.raises(BadAddress):
        found.on_page(OWNER, address)


# --- covers -----------------------------------------------------------------------------------------


def shows(directory: PodcastDirectory, found: PodcastDiscovery, *covers: str | None) -> list[str]:
    """Search, and return the tokens of the shows' covers."""
    directory.shows = [(f"Cats {n}", "A", f"https://a.example/{n}", cover) for n, cover in enumerate(covers)]
    return [show.cover for show in found.search(OWNER, f"cats{' ' * len(covers)}")]


def test_a_cover_is_fetched_when_it_is_shown_and_once(
    directory: PodcastDirectory, found: PodcastDiscovery, fetched: list[str]
) -> None:
    there, missing, without = shows(directory, found, "https://a.example/1.png", "https://a.example/none.png", None)
    assert fetched == []
    for _ in range(2):
        assert found.cover(OWNER, there).body == b"a picture"
        assert found.cover(OWNER, missing).media_type == found.cover(OWNER, without).media_type == "image/svg+xml"
    assert fetched == ["https://a.example/1.png", "https://a.example/none.png"]


def test_a_token_of_no_result_leads_nowhere(found: PodcastDiscovery, fetched: list[str]) -> None:
    for token in ("", "0" * 32, "https://a.example/1.png"):
        with pytest.raises(NotFound):
            found.cover(OWNER, token)
    assert fetched == []


def test_the_longest_unseen_results_are_forgotten(
    found: PodcastDiscovery, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "COVERS_KEPT", 2)
    first, second, third = (FeedCandidate(f"u{n}", f"Show {n}", image_url=f"https://a.example/{n}.png") for n in range(3))
    one, two = (found._remember(each) for each in (first, second))
    found.cover(OWNER, one)
    assert found._remember(first) == one, "the same picture has the same token"
    three = found._remember(third)
    assert found.cover(OWNER, one).body == found.cover(OWNER, three).body == b"a picture"
    with pytest.raises(NotFound):
        found.cover(OWNER, two)
    assert len(fetched) == 2, "what was fetched stays with a result that is found again"


def test_a_real_picture_comes_as_this_server_made_it(directory: PodcastDirectory, found: PodcastDiscovery) -> None:
    made = io.BytesIO()
    Image.new("RGB", (64, 64), "#204080").save(made, "PNG")
    directory.pages["/cover.png"] = ("image/png", made.getvalue())
    (token,) = shows(directory, found, f"{directory.url}/cover.png")
    cover = found.cover(OWNER, token)
    assert (cover.media_type, cover.final) == ("image/webp", True)
    with Image.open(io.BytesIO(cover.body)) as shown:
        assert shown.format == "WEBP"
