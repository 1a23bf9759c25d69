from dataclasses import replace

import pytest

from core.domain.feeds.feed import Feed
from core.domain.feeds.polling import Rhythm
from core.domain.feeds.remarks import remarks

DAY = 86400.0
NOW = 2_000 * DAY


def feed(published: list[float], **columns: object) -> Feed:
    """One that was read well; `published` are days before now."""
    rhythm = Rhythm.of(NOW - days * DAY for days in published)
    made = Feed(1, "https://a.example/feed", "A", 0.0, items=len(published), with_audio=len(published))
    made = replace(made, gap=rhythm.gap, newest_at=rhythm.newest_at, longest_gap=rhythm.longest)
    return replace(made, **columns)  # type: ignore[arg-type]


def said(found: Feed) -> list[str]:
    return [m.key.removeprefix("remark.") for m in remarks(found, NOW)]


def every(days: float, *, silent: float, times: int = 20) -> list[float]:
    return [silent + days * n for n in range(times)]


SILENT = {
    "a daily show for three weeks": every(1, silent=21),
    "a weekday show for two weeks": [14 + n + 2 * (n // 5) for n in range(20)],
    "a weekly show for three months": every(7, silent=90),
    "a fortnightly show for four months": every(14, silent=120),
    "a monthly show for half a year": every(30, silent=190),
    "an hourly show for ten days": every(1 / 24, silent=10),
}
NOT_SILENT = {
    "a daily show over a long weekend": every(1, silent=4),
    "a weekly show that skipped two": every(7, silent=21),
    "a show in seasons between two of them": [100, 107, 114, 121, 128, 240, 247, 254, 261, 268],
    "a yearly show": every(365, silent=400, times=6),
    "a show with two episodes": [400, 407],
    "one that knows no dates": [],
    "one that will come out next week": every(7, silent=-7),
    "an irregular one": [60, 62, 110, 111, 190, 191, 195],
}


@pytest.mark.parametrize("name", SILENT)
def test_silence_is_measured_by_a_feeds_own_rhythm(name: str) -> None:
    assert said(feed(SILENT[name])) == ["silent"]


@pytest.mark.parametrize("name", NOT_SILENT)
def test_a_usual_pause_is_no_silence(name: str) -> None:
    assert "silent" not in said(feed(NOT_SILENT[name]))


@pytest.mark.parametrize("name", SILENT)
def test_a_finished_show_is_never_silent(name: str) -> None:
    assert said(feed(SILENT[name], complete=True)) == []


def test_what_cannot_be_heard_or_was_cut_off_is_said() -> None:
    assert said(feed([], items=15, with_audio=0)) == ["no_audio"]
    assert said(feed([], items=15, with_audio=0, url="https://www.youtube.com/feeds/videos.xml?channel_id=x")) == [
        "no_audio_youtube"
    ]
    assert said(feed([], items=0, with_audio=0)) == ["empty"]
    assert said(feed([], items=0, with_audio=0, cut_off=True)) == ["cut_off"]
    assert said(feed(every(7, silent=1), cut_off=True)) == ["cut_off"]


def params(found: Feed) -> dict[str, object]:
    (message,) = remarks(found, NOW)
    return dict(message.params)


@pytest.mark.parametrize(
    ("gap", "silent", "usual", "told"),
    [
        (1, 21.4, "day", 1),
        (1.4, 60, "day", 1),
        (1.5, 60, "2 days", 2),
        (7, 90, "7 days", 7),
        (0.6, 60, "day", 0.6),
        (0.5, 60, "12 hours", 0.5),
        (1 / 24, 10, "1 hours", 0.0),
        (1 / 240, 10, "1 hours", 0.0),
    ],
)
def test_silence_is_told_with_the_usual_pause(gap: float, silent: float, usual: str, told: float) -> None:
    assert params(feed(every(gap, silent=silent))) == {"days": round(silent), "usual": usual, "gap": told}


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ({}, "stopped"),
        ({"page_tries": 9}, "stopped"),
        ({"page_tries": 10}, "stopped_for_good"),
        ({"page_tries": 10, "pages_enough": True}, "pages_enough"),
    ],
)
def test_a_feed_of_pages_is_told_how_many_were_read(columns: dict[str, object], key: str) -> None:
    found = feed(every(7, silent=1), next_page="https://a.example/feed?page=4", pages=3, **columns)
    assert (said(found), params(found)) == ([key], {"pages": 3})


def test_a_feed_without_audio_is_told_how_many_items_it_has() -> None:
    for url in ("https://a.example/feed", "https://youtu.be/x"):
        assert params(feed([], items=15, with_audio=0, url=url)) == {"items": 15}
    assert said(feed([], items=15, with_audio=1)) == []


def test_of_a_feed_that_fails_or_was_not_read_yet_nothing_is_said() -> None:
    assert said(feed(every(1, silent=60), error={"code": "x", "detail": "", "params": {}})) == []
    assert said(feed([], items=None)) == []
