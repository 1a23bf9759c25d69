"""The list of feeds: pages, words, folders, and feeds that can be restored."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import Outline
from core.sources import opml
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open
from tests.pages.feeds.conftest import idle
from tests.runner_fixture import until


def test_an_unsubscribe_is_undone_below_the_list(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    feed = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    castmind.unsubscribe.remove(OWNER, feed.id, episodes=True)
    page = opened("feeds/page.py")
    page.button(key=f"gone.back.{feed.id}").click().run()
    assert castmind.subscriptions.get(OWNER, feed.id).episodes == 5


@pytest.mark.long
def test_many_feeds_are_drawn_a_page_at_a_time_and_found_by_words(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    body = opml.write([Outline(f"{host.feed_url}?n={n}") for n in range(33)], title="x", now=0.0)
    castmind.imports.add_opml(OWNER, body)
    until(lambda: idle(castmind))
    for number, row in enumerate(castmind.subscriptions.listing(OWNER)):
        castmind.subscriptions.change(OWNER, row.feed.id, title=f"Show no{number:02}")
    page = opened("feeds/page.py")
    assert len(page.get("page_link")) == 30
    page.button(key="feeds.more").click().run()
    assert len(page.get("page_link")) == 33
    page.text_input(key="feeds.q").set_value("show no07").run()
    assert len(page.get("page_link")) == 1
    page.button(key="feeds.read_all").click().run()
    until(lambda: not castmind.refresh.state(OWNER).running)
    assert castmind.refresh.state(OWNER).done == 33


def test_feeds_stand_in_their_folders_and_are_moved_between_them(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    page = opened("feeds/page.py")
    kept = ["News/*Tech*", "", "news", "News/*Tech*"]
    numbers = [
        castmind.subscriptions.add(OWNER, f"{host.feed_url}?n={n}", backlog=0, folder=each).feed.id for n, each in enumerate(kept)
    ]
    page.run()
    headers = [header.value.removeprefix(":material/folder_open: ") for header in page.header]
    assert headers == ["news (1)", r"News\/\*Tech\* (2)", "No folder (1)"]
    page.session_state[f"feed.unfolded.{numbers[1]}"] = True
    page.run()
    chosen = page.selectbox(key=f"feed.folder.{numbers[1]}.")
    assert (chosen.value, chosen.options) == ("", ["No folder", "news", "News/*Tech*"])
    chosen.set_value("news")
    page.button(key=f"feed.save.{numbers[1]}").click().run()
    assert castmind.subscriptions.get(OWNER, numbers[1]).feed.folder == "news"
    chosen = page.selectbox(key=f"feed.folder.{numbers[1]}.news")
    chosen.options.append(" Brand / new")  # as a browser sends typed text
    chosen.set_value(" Brand / new")
    page.button(key=f"feed.save.{numbers[1]}").click().run()
    assert castmind.subscriptions.get(OWNER, numbers[1]).feed.folder == "Brand/new"
    assert page.selectbox(key=f"feed.folder.{numbers[1]}.Brand/new").value == "Brand/new"
    for number in numbers:
        castmind.subscriptions.change(OWNER, number, folder="")
    assert not page.run().header
    assert not any("folder_open" in caption.value for caption in page.caption)


def test_feeds_that_fail_are_shown_alone_on_request(castmind: CastMind, opened: Open) -> None:
    def fill(db: Database) -> None:
        for title, error in (("Good", None), ("Bad", {"code": "feed_gone", "detail": "Gone."})):
            number = feeds.add(db, {"url": f"https://{title}.example/", "title": title, "next_poll_at": 4e9}, now=1.0)
            feeds.change(db, number, {"error": error})

    def titles(page: AppTest) -> list[str]:
        return [link.proto.label.strip("*") for link in page.get("page_link")]

    castmind._store.write(fill)
    page = opened("feeds/page.py")
    assert sorted(titles(page)) == ["Bad", "Good"]
    page.toggle(key="feeds.problems").set_value(True).run()
    assert titles(page) == ["Bad"] and dict(page.query_params) == {"problems": "1"}
    assert titles(opened("feeds/page.py", problems="1")) == ["Bad"]
