"""The options of a show, and its way out."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.text import texts
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open, given


def test_a_feeds_title_and_wishes_are_changed(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    number = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    page = opened("show/page.py", id=str(number))
    page.session_state[f"feed.unfolded.{number}"] = True
    page.run()
    page.text_input(key=f"feed.title.{number}").set_value("Mine")
    page.number_input(key=f"feed.{number}.backlog").set_value(1)
    page.toggle(key=f"feed.{number}.auto").set_value(False)
    page.button(key=f"feed.save.{number}").click().run()
    feed = castmind.subscriptions.get(OWNER, number).feed
    assert (feed.title, feed.backlog, feed.auto_transcribe) == ("Mine", 1, False)
    assert given(page, "castmind_show_head")["title"] == "Mine"


@pytest.mark.parametrize("episodes", [True, False])
def test_an_unsubscribe_asks_what_becomes_of_the_episodes(
    castmind: CastMind, opened: Open, host: PodcastHost, episodes: bool
) -> None:
    number = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    there = castmind.library.count(OWNER)
    page = opened("show/page.py", id=str(number))
    page.session_state[f"feed.unfolded.{number}"] = True
    page.run()
    page.button(key=f"feed.remove.{number}").click().run()
    page.toggle(key=f"feed.remove.episodes.{number}").set_value(episodes).run()
    told = texts("en")["feeds.remove.episodes.gone" if episodes else "feeds.remove.episodes.stay"]
    assert told in [caption.value for caption in page.caption]
    page.button(key=f"feed.remove.yes.{number}").click().run()
    assert castmind.subscriptions.listing(OWNER) == []
    assert page.title[0].value == texts("en")["nav.feeds"]
    assert castmind.library.count(OWNER) == (0 if episodes else there)


def test_a_show_is_moved_between_folders_and_into_a_new_one(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    kept = ("", "News/*Tech*", "news")
    numbers = [
        castmind.subscriptions.add(OWNER, f"{host.feed_url}?n={n}", backlog=0, folder=each).feed.id for n, each in enumerate(kept)
    ]
    page = opened("show/page.py", id=str(numbers[0]))
    page.session_state[f"feed.unfolded.{numbers[0]}"] = True
    page.run()
    chosen = page.selectbox(key=f"feed.folder.{numbers[0]}.")
    assert (chosen.value, chosen.options) == ("", ["No folder", "news", "News/*Tech*"])
    chosen.set_value("news")
    page.button(key=f"feed.save.{numbers[0]}").click().run()
    assert castmind.subscriptions.get(OWNER, numbers[0]).feed.folder == "news"
    chosen = page.selectbox(key=f"feed.folder.{numbers[0]}.news")
    chosen.options.append(" Brand / new")  # as a browser sends typed text
    chosen.set_value(" Brand / new")
    page.button(key=f"feed.save.{numbers[0]}").click().run()
    assert castmind.subscriptions.get(OWNER, numbers[0]).feed.folder == "Brand/new"
    assert page.selectbox(key=f"feed.folder.{numbers[0]}.Brand/new").value == "Brand/new"
