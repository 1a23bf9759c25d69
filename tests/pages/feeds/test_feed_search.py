"""Looking a podcast up: nothing leaves before the click, and results are subscribed from."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.fakes.podcast_directory import PodcastDirectory
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open
from tests.pages.feeds.conftest import idle
from tests.runner_fixture import until


def test_words_are_sent_only_when_the_button_is_pressed(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    with PodcastDirectory() as directory:
        directory.shows = [("The cat **show**", "A. Cat", host.feed_url, None)]
        castmind.settings.save(OWNER, "itunes_url", directory.url)
        page = opened("feeds/page.py")
        page.segmented_control(key="add").set_value("search").run()
        assert directory.asked == []
        page.text_input(key="feeds.search.words").set_value("cat")
        page.button[0].click().run()
        assert [query["term"] for _, query, _ in directory.asked] == ["cat"]
        page.button(key="found.add.0").click().run()
        until(lambda: idle(castmind))
        assert castmind.subscriptions.listing(OWNER)[0].feed.url == host.feed_url
        directory.status = 500
        page.text_input(key="feeds.search.words").set_value("dog")
        page.button[0].click().run()
        assert any("isn’t responding properly" in toast.value for toast in page.toast)


def test_without_a_directory_the_search_says_so(castmind: CastMind, opened: Open) -> None:
    castmind.settings.save(OWNER, "itunes_url", "")
    page = opened("feeds/page.py")
    page.segmented_control(key="add").set_value("search").run()
    assert "No podcast directory is set up" in page.info[0].value


def test_that_nothing_was_found_is_said_with_the_words(castmind: CastMind, opened: Open) -> None:
    with PodcastDirectory() as directory:
        castmind.settings.save(OWNER, "itunes_url", directory.url)
        page = opened("feeds/page.py", add="search")
        page.button[0].click().run()
        assert directory.asked == [] and not page.info
        page.text_input(key="feeds.search.words").set_value("a *cat*")
        page.button[0].click().run()
    (info,) = page.info
    assert r"a \*cat\*" in info.value and "Apple iTunes" in info.value
