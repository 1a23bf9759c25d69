from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.feeds.feed import Feed
from core.services.feeds.subscriptions import FeedRow
from pages.shared.escape_markdown import plain
from pages.text import texts
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.pages.conftest import Open

pytestmark = pytest.mark.usefixtures("castmind")
DAY = 86400.0
NOW = 1_750_000_000.0


def drawn(**columns: object) -> tuple[str, list[str]]:
    """The line and the warnings that a feed's card has."""
    return (test := card(**columns)).caption[0].value, [w.value for w in test.warning]


def card(**columns: object) -> AppTest:

    def page(row: object) -> None:
        from pages.feeds import feed_health

        feed_health.draw(row)  # type: ignore[arg-type]

    feed = Feed(1, columns.pop("url", "https://a.example/feed"), "A", NOW - 9 * DAY, **columns)  # type: ignore[arg-type]
    test = AppTest.from_function(page, args=(FeedRow(feed, 7),)).run()
    assert not test.exception
    return test


def test_a_feed_that_answers_says_when_it_was_read_and_when_it_is_next() -> None:
    line, warnings = drawn(last_polled_at=NOW, last_success_at=NOW, next_poll_at=NOW + 3600.0)
    assert line.startswith("7 episodes · checked ") and " · next " in line
    assert "good" not in line
    assert warnings == []


def test_a_feed_that_fails_says_since_when_how_often_and_why() -> None:
    error = {"code": "feed_gone", "detail": "It is *gone*.", "params": {"status": 410}}
    line, warnings = drawn(last_polled_at=NOW, last_success_at=NOW - DAY, next_poll_at=NOW + DAY, failures=4, error=error)
    assert "last successful check" in line and "failed in a row: 4" in line and "next" in line
    assert warnings == [plain(texts("en")["error.feed_gone"])]


def test_a_feed_that_wants_to_move_says_where_to_without_what_may_be_a_key() -> None:
    (_, moving) = card(moves_to="https://new.example/private/8d1ea7c0ffee4f6d9b1c?token=x").caption
    assert r"new\.example" in moving.value and "8d1e" not in moving.value and "token" not in moving.value


def test_a_feed_that_was_never_read_and_a_folder_that_never_is() -> None:
    assert drawn()[0] == "7 episodes · not checked yet"
    assert drawn(url="inbox:Talks")[0] == "7 episodes"


@pytest.mark.parametrize(
    ("code", "params", "offered"),
    [
        ("feed_forbidden", {"status": 403}, True),
        ("feed_forbidden", {"status": 406}, True),
        ("access_refused", {"status": 401}, True),
        ("access_refused", {"status": 403}, True),
        ("feed_missing", {"status": 404}, False),
        ("feed_unavailable", {"status": 500}, False),
        ("certificate_expired", {"host": "a.example"}, False),
    ],
)
def test_another_user_agent_is_offered_to_who_was_turned_away(code: str, params: dict[str, object], offered: bool) -> None:
    test = card(failures=1, error={"code": code, "detail": "No.", "params": params})
    assert [b.label for b in test.button] == ["Try another user agent"] * offered


def test_what_is_odd_about_a_feed_is_on_its_card() -> None:
    from core.domain.feeds.remarks import remarks
    from core.message import Message
    from pages.text import message_text

    feed = Feed(1, "https://a.example/feed", "A", NOW, items=3, with_audio=0, cut_off=True)
    said = remarks(feed, NOW)
    assert len(said) == 2 and all(isinstance(each, Message) for each in said)

    def page(row: object) -> None:
        from pages.feeds import feed_health

        feed_health.draw(row)  # type: ignore[arg-type]

    test = AppTest.from_function(page, args=(FeedRow(feed, 7, remarks=said),)).run()
    assert [info.value[:20] for info in test.info] == [message_text(each)[:20] for each in said]


def test_a_page_in_the_place_of_a_feed_offers_what_it_declares(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    number = castmind.subscriptions.add(OWNER, f"{host.feed_url}?old=1", backlog=0).feed.id
    host.serve_feed("<html><link rel=alternate type=application/rss+xml href=/as/ok/feed.xml></html>", content_type="text/html")
    castmind.subscriptions.refresh(OWNER, number)
    host.serve_feed(None)
    page = opened("show/page.py", id=str(number))
    page.button(key=f"feed.offered.{number}.0").click().run()
    feed = castmind.subscriptions.get(OWNER, number).feed
    assert (feed.url, feed.error) == (f"{host.url}/as/ok/feed.xml", None)


def test_why_a_feed_was_not_read_is_told_in_the_readers_language(castmind: CastMind, opened: Open) -> None:
    with PodcastHost() as host:
        feed = castmind.subscriptions.add(OWNER, host.feed_url, auto_transcribe=False, backlog=0).feed
        host.play("/feed.xml", Mode.HTML)
        castmind.subscriptions.refresh(OWNER, feed.id)
    castmind.settings.save(OWNER, "language", "en")
    assert "it isn’t a podcast feed" in opened("show/page.py", id=str(feed.id)).warning[0].value
    castmind.settings.save(OWNER, "language", "zh")
    assert opened("show/page.py", id=str(feed.id)).warning[0].value.startswith("该网址可以访问，但不是播客订阅源")
