"""Subscribing on the page: three ways in, and a form that keeps its input until it was accepted."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.store.feeds import feeds
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open, faults
from tests.pages.feeds.conftest import idle, titles
from tests.runner_fixture import until


def subscribe(page: AppTest) -> Button:
    (button,) = [each for each in page.button if each.label == "Subscribe"]
    return button


def test_an_address_is_subscribed_with_what_was_wished(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    page = opened("feeds/page.py", add="address")
    page.text_input(key="feeds.url").set_value(f"  {host.feed_url} ")
    page.number_input(key="feeds.add.backlog").set_value(1)
    page.toggle(key="feeds.add.auto").set_value(False)
    subscribe(page).click().run()
    assert not page.exception
    until(lambda: idle(castmind))
    feed = castmind.subscriptions.listing(OWNER)[0].feed
    assert (feed.url, feed.backlog, feed.auto_transcribe) == (host.feed_url, 1, False)
    page.run()
    assert page.text_input(key="feeds.url").value == ""
    assert "CastMind samples" in titles(page)


def test_a_feed_that_is_refused_stays_typed(castmind: CastMind, opened: Open) -> None:
    page = opened("feeds/page.py", add="address")
    page.text_input(key="feeds.url").set_value("ftp://example.org/feed")
    subscribe(page).click().run()
    assert castmind.subscriptions.listing(OWNER) == []
    assert faults(page) and not page.toast and not page.exception
    assert page.text_input(key="feeds.url").value == "ftp://example.org/feed"


def test_an_empty_form_asks_for_nothing(castmind: CastMind, opened: Open) -> None:
    page = opened("feeds/page.py", add="address")
    page.text_input(key="feeds.url").set_value("  ")
    subscribe(page).click().run()
    assert castmind.imports.listing(OWNER) == [] and not page.toast


def test_beside_podcasts_the_forms_are_a_sheet_that_a_link_opens(castmind: CastMind, opened: Open) -> None:
    castmind._store.write(lambda db: feeds.add(db, {"url": "https://pods.example/feed", "title": "Pods"}, now=1.0))
    assert not opened("feeds/page.py").text_input
    assert opened("feeds/page.py", add="address").text_input(key="feeds.url")
