"""A feed's card: its options, and its way out."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.feeds import folder_feed
from core.sources import opml
from core.store.feeds import feeds
from pages.text import texts
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open
from tests.runner_fixture import until


def test_a_folder_of_the_inbox_is_a_feed_that_nobody_reads(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    values = {"url": folder_feed.address(("My Show",)), "title": "My Show"}
    number = castmind._store.write(lambda db: feeds.add(db, values, now=1.0))
    castmind.subscriptions.add(OWNER, host.feed_url, backlog=0)
    page = opened("feeds/page.py")
    assert [button.key for button in page.button if "refresh" in str(button.key)] == [f"feed.refresh.{number + 1}"]
    assert any("a folder" in each.value for each in page.caption)
    castmind.refresh.ask(OWNER)
    until(lambda: not castmind.refresh.state(OWNER).running)
    assert castmind.refresh.state(OWNER).done == 1
    assert [f.url for f in opml.read(castmind.imports.export(OWNER)[0]).feeds] == [host.feed_url]


def test_a_feeds_title_and_wishes_are_changed_in_its_card(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    number = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    page = opened("feeds/page.py")
    page.session_state[f"feed.unfolded.{number}"] = True
    page.run()
    page.text_input(key=f"feed.title.{number}").set_value("Mine")
    page.number_input(key=f"feed.{number}.backlog").set_value(1)
    page.toggle(key=f"feed.{number}.auto").set_value(False)
    page.button(key=f"feed.save.{number}").click().run()
    feed = castmind.subscriptions.get(OWNER, number).feed
    assert (feed.title, feed.backlog, feed.auto_transcribe) == ("Mine", 1, False)
    assert any("Mine" in str(link.proto.label) for link in page.get("page_link"))


@pytest.mark.parametrize("episodes", [True, False])
def test_an_unsubscribe_asks_what_becomes_of_the_episodes(
    castmind: CastMind, opened: Open, host: PodcastHost, episodes: bool
) -> None:
    number = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    there = castmind.library.count(OWNER)
    page = opened("feeds/page.py")
    page.session_state[f"feed.unfolded.{number}"] = True
    page.run()
    page.button(key=f"feed.remove.{number}").click().run()
    page.toggle(key=f"feed.remove.episodes.{number}").set_value(episodes).run()
    told = texts("en")["feeds.remove.episodes.gone" if episodes else "feeds.remove.episodes.stay"]
    assert told in [caption.value for caption in page.caption]
    page.button(key=f"feed.remove.yes.{number}").click().run()
    assert castmind.subscriptions.listing(OWNER) == []
    assert castmind.library.count(OWNER) == (0 if episodes else there)
