"""The preview of a podcast: below the form, with what its feed says, and gone once it is subscribed."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.feeds.feed import FeedEntry
from core.domain.feeds.imports import FeedCandidate
from core.services.feeds.discovery import FoundShows
from core.services.feeds.preview import FeedPreview
from pages.feeds import feed_preview
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open, faults


def test_an_address_shows_its_podcast_before_subscribing(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    page = opened("feeds/page.py", add="address")
    page.text_input(key="feeds.url").set_value(host.feed_url)
    next(each for each in page.button if each.label == "Preview").click().run()
    assert not page.exception
    said = [each.value for each in page.markdown]
    assert "**CastMind samples**" in said and "What the demo model understands" in said
    assert any("5 episodes" in each.value for each in page.caption)
    assert castmind.subscriptions.listing(OWNER) == []
    page.button(key="preview.close.feeds.add").click().run()
    assert "**CastMind samples**" not in [each.value for each in page.markdown]


def test_a_refused_address_is_said_beside_the_field(opened: Open, host: PodcastHost) -> None:
    page = opened("feeds/page.py", add="address")
    for address in ("ftp://example.org/feed", f"{host.url}/nowhere"):
        page.text_input(key="feeds.url").set_value(address)
        next(each for each in page.button if each.label == "Preview").click().run()
        assert faults(page) and not page.toast and not page.exception


@pytest.mark.usefixtures("resting")
def test_the_facts_of_a_show_and_of_its_episodes() -> None:
    show = FoundShows(FeedCandidate("https://a.example/feed", "Cats", "A. Cat", episodes=1), "token")
    assert feed_preview.facts(FeedPreview(show, "", "de-AT", ())) == r"A\. Cat · 1 episode · Deutsch"
    assert feed_preview.facts(FeedPreview(show, "", "", ())) == r"A\. Cat · 1 episode"
    entry = FeedEntry("1", "One", "https://a.example/1.mp3", published_at=1_700_000_000.0, duration=61.0)
    assert feed_preview.line(entry).startswith("One  \n:gray[") and "1:01" in feed_preview.line(entry)
    assert feed_preview.line(FeedEntry("2", "Two", "https://a.example/2.mp3")) == "Two  \n:gray[No date]"
