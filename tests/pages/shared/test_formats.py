from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from pages.shared import formats
from pages.text import texts

MOMENT = 1_795_368_300.0  # 22 November 2026, 17:25 in London
Reader = Callable[..., None]


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Set the pages' language and the browser's locale and time zone."""

    def set_to(language: str, locale: str | None = None, timezone: str | None = None) -> None:
        for module in ("pages.text", "pages.shared.formats"):
            monkeypatch.setattr(f"{module}.language", lambda: language)
        monkeypatch.setattr("streamlit.context", SimpleNamespace(locale=locale, timezone=timezone, cookies={}))

    return set_to


@pytest.fixture(autouse=True)
def english(reader: Reader) -> None:
    reader("en")


@pytest.mark.parametrize(
    ("language", "locale", "timezone", "shown"),
    [
        ("en", "en-GB", "Europe/London", "22 Nov 2026, 17:25"),
        ("en", "en-US", "America/New_York", "Nov 22, 2026, 12:25 PM"),
        ("en", "en-US", "Asia/Tokyo", "Nov 23, 2026, 2:25 AM"),
        ("en", "de-DE", "Europe/Berlin", "22 Nov 2026, 18:25"),
        ("zh", "zh-CN", "Asia/Shanghai", "2026年11月23日 01:25"),
        ("zh", "zh-TW", "Asia/Taipei", "2026年11月23日 上午1:25"),
        ("zh", "en-US", "America/New_York", "2026年11月22日 下午12:25"),
        ("en", "en-AU", "Australia/Sydney", "23 Nov 2026, 4:25 AM"),
    ],
)
def test_a_time_is_the_readers_own(reader: Reader, language: str, locale: str, timezone: str, shown: str) -> None:
    reader(language, locale, timezone)
    assert formats.time_of(MOMENT) == shown


@pytest.mark.parametrize(
    ("language", "away", "shown"),
    [
        ("en", 300, "in 5 min"),
        ("en", -7800, "2 h 10 min ago"),
        ("en", 10, "in a moment"),
        ("en", -10, "just now"),
        ("en", 3 * 86400, "25 Nov 2026, 17:25"),
        ("zh", 300, "5 分钟后"),
        ("zh", -7800, "2 小时 10 分钟前"),
        ("zh", 10, "马上"),
    ],
)
def test_a_moment_near_now_is_told_by_how_far_it_is(reader: Reader, language: str, away: float, shown: str) -> None:
    reader(language, "en-GB", "Europe/London")
    assert formats.relative(MOMENT + away, MOMENT) == shown


def test_a_browser_that_tells_no_zone_or_an_unknown_one_gets_the_servers(reader: Reader) -> None:
    for told in (None, "Mars/Olympus"):
        reader("en", timezone=told)
        assert formats.zone() is None


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.6, "1:00"), (247, "4:07"), (3723, "1:02:03")])
def test_clock(seconds: float, shown: str) -> None:
    assert formats.clock(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(40, "40 s"), (59.7, "1 min"), (180, "3 min"), (3599, "1 h 0 min"), (7800, "2 h 10 min"), (5 * 86400, "5 days")],
)
def test_span(seconds: float, shown: str) -> None:
    assert formats.span(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (312_000, "312 kB"), (1_400_000, "1.4 MB"), (2e9, "2.0 GB"), (5e12, "5.0 TB")]
)
def test_size(count: float, shown: str) -> None:
    assert formats.size(count) == shown


def test_almost_all_is_not_all() -> None:
    assert formats.percent(0.999) == "99%"


@pytest.mark.parametrize(("language", "listed", "pair"), [("en", "a, b", "Feed: News"), ("zh", "a、b", "Feed：News")])
def test_lists_and_pairs_have_the_signs_of_the_language(
    monkeypatch: pytest.MonkeyPatch, language: str, listed: str, pair: str
) -> None:
    monkeypatch.setattr(formats, "t", lambda key: texts(language)[key])
    assert formats.listed(["a", "b"]) == listed
    assert formats.pair("Feed", "News") == pair
