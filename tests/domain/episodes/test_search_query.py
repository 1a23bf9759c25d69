from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.domain.episodes.search_query import Hint, Query, QueryFilter, SearchTerm, day, parse

SHANGHAI = timezone(timedelta(hours=8))


def at(year: int, month: int = 1, day_of_month: int = 1, zone: timezone = UTC) -> float:
    return datetime(year, month, day_of_month, tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("gpu memory", (SearchTerm("gpu"), SearchTerm("memory"))),
        ('"large model" gpu', (SearchTerm("large model"), SearchTerm("gpu"))),
        ("“大 模型”　显存", (SearchTerm("大 模型"), SearchTerm("显存"))),
        ("「显存」", (SearchTerm("显存"),)),
        ("quant*", (SearchTerm("quant", prefix=True),)),
        ("quant＊", (SearchTerm("quant", prefix=True),)),
        ('"large mod"*', (SearchTerm("large mod", prefix=True),)),
        ("apple -fruit", (SearchTerm("apple"), SearchTerm("fruit", excluded=True))),
        ('apple －"red fruit"', (SearchTerm("apple"), SearchTerm("red fruit", excluded=True))),
        ("state-of-the-art", (SearchTerm("state-of-the-art"),)),
        ("12:30 https://a.example/b", (SearchTerm("12:30"), SearchTerm("https://a.example/b"))),
        ("问题:答案", (SearchTerm("问题 答案"),)),
        ("C++ 🎉", (SearchTerm("C++"), SearchTerm("🎉"))),
        ("!!! ** - -- ''", ()),
        ("", ()),
    ],
)
def test_words_and_phrases(text: str, terms: tuple[SearchTerm, ...]) -> None:
    assert parse(text) == Query(terms=terms)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("feed:tech", (QueryFilter("feed", "tech"),)),
        ('feed:"Daily Tech"', (QueryFilter("feed", "Daily Tech"),)),
        ("feed：“科技 早知道”", (QueryFilter("feed", "科技 早知道"),)),
        (
            "订阅：科技 说话人:小林 標籤:工作",
            (QueryFilter("feed", "科技"), QueryFilter("speaker", "小林"), QueryFilter("tag", "工作")),
        ),
        (
            "Speaker:anna -tag:ads episode:7",
            (QueryFilter("speaker", "anna"), QueryFilter("tag", "ads", True), QueryFilter("episode", "7")),
        ),
    ],
)
def test_filters(text: str, filters: tuple[QueryFilter, ...]) -> None:
    assert parse(text) == Query(filters=filters)


def test_dates_narrow_each_other_and_are_days_of_the_reader() -> None:
    query = parse("after:2025 since:2025-03 before:2026 之前：2025年6月1日", zone=SHANGHAI)
    assert (query.after, query.before) == (at(2025, 3, 1, SHANGHAI), at(2025, 6, 1, SHANGHAI))
    assert query.hints == ()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025", at(2025)),
        ("2025-03", at(2025, 3)),
        ("2025/3/9", at(2025, 3, 9)),
        ("2025.03.09", at(2025, 3, 9)),
        ("2025年3月", at(2025, 3)),
        ("２０２５", at(2025)),
        ("2025-13", None),
        ("2025-02-30", None),
        ("0000", None),
        ("yesterday", None),
    ],
)
def test_a_day(text: str, moment: float | None) -> None:
    assert day(text) == moment


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ('"never closed', [Hint("quote_open")]),
        ('feed:"never closed', [Hint("quote_open")]),
        ("colour:red", [Hint("unknown_filter", "colour")]),
        ("feed: words", [Hint("empty_filter", "feed")]),
        ("after:soon words", [Hint("bad_date", "soon")]),
        ("a:b c", []),
        ("after:soon after:soon", [Hint("bad_date", "soon")]),
    ],
)
def test_what_does_not_fit_gives_a_hint(text: str, hints: list[Hint]) -> None:
    assert list(parse(text).hints) == hints


def test_what_does_not_fit_is_searched_for_all_the_same() -> None:
    assert parse('"never closed').terms == (SearchTerm("never closed"),)
    assert parse("colour:red x").terms == (SearchTerm("colour red"), SearchTerm("x"))
    assert parse("after:soon x").terms == (SearchTerm("x"),)


def test_nothing_that_is_typed_raises() -> None:
    rng = random.Random(1)
    signs = [
        "-",
        '"',
        "“",
        "”",
        ":",
        "：",
        "*",
        "feed:",
        "after:",
        "\x00",
        "\ud83d",
        "(",
        "AND",
        "显存",
        "a",
        " ",
        "　",
        "🎉",
        "\n",
        "-feed:",
    ]
    for _ in range(3000):
        parse("".join(rng.choices(signs, k=rng.randint(0, 12))))


def test_filters_are_found_by_their_name() -> None:
    query = parse("feed:a tag:b feed:c")
    assert [each.value for each in query.filtered("feed")] == ["a", "c"]
    assert query.filtered("speaker") == ()
