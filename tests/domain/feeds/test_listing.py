"""Which episodes a reading of a feed shows to be gone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.domain.feeds.feed import FeedEntry
from core.domain.feeds.listing import gone
from core.domain.feeds.matching import Known

LIBRARY = [Known(n, str(n), f"https://a.example/{n}.mp3", f"Nr {n}", published_at=1e9 + n) for n in range(1, 21)]


def _page(*numbers: int) -> list[FeedEntry]:
    return [FeedEntry(str(n), f"Nr {n}", f"https://a.example/{n}.mp3", published_at=1e9 + n) for n in numbers]


def _gone(known: Sequence[Known], entries: Sequence[FeedEntry], *, whole: bool = False) -> list[int]:
    there = {k.guid: k.episode_id for k in known}
    return gone(known, {there[e.guid] for e in entries if e.guid in there}, entries, whole=whole)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (range(11, 21), []),
        ([20, 19, 17, 16, 15], [18]),
        ([*range(12, 24)], []),
        # A trailer that is pinned to the top; the oldest first; other guids and addresses for all.
        ([1, 20, 19, 18, 17], []),
        (range(1, 11), []),
        (range(113, 121), []),
        ([], []),
    ],
)
def test_a_page_says_what_is_missing_between_its_dates_alone(page: Sequence[int], expected: list[int]) -> None:
    assert _gone(LIBRARY, _page(*page)) == expected


def test_a_page_that_was_given_out_anew_replaces_what_stood_on_it() -> None:
    anew = [FeedEntry(f"x{n}", f"Nr {n}", f"https://b.example/{n}.mp3", published_at=1e9 + n) for n in range(15, 21)]
    assert _gone(LIBRARY, anew) == [16, 17, 18, 19, 20]


def test_what_has_no_date_or_that_of_the_last_on_the_page_may_stand_on_the_next() -> None:
    undated = Known(30, "30", "https://a.example/30.mp3", "Undated")
    same_day = Known(31, "31", "https://a.example/31.mp3", "Same day", published_at=1e9 + 15)
    assert _gone([*LIBRARY, undated, same_day], _page(20, 19, 18, 17, 16, 15)) == []
    assert _gone(LIBRARY, [FeedEntry("20", "Nr 20", "https://a.example/20.mp3")]) == []


def test_of_a_whole_feed_all_that_is_missing_is_gone() -> None:
    assert _gone(LIBRARY, _page(20, 18), whole=True) == [n for n in range(1, 20) if n != 18]
