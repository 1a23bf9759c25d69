"""Feeds in pages: the pure walk from one to the next."""

from __future__ import annotations

import pytest

from core.domain.feeds.feed import FeedEntry, ParsedFeed
from core.services.feeds.paging import MOST_ENTRIES, MOST_PAGES, Walk, on_from, whole


def page(*numbers: int, then: str | None = None) -> ParsedFeed:
    """Higher numbers are newer."""
    entries = (FeedEntry(str(n), f"Nr {n}", f"https://a.example/{n}.mp3", published_at=1e9 + n) for n in numbers)
    return ParsedFeed("Show", next_page=then, entries=tuple(entries))


def numbers(feed: ParsedFeed) -> list[int]:
    return [int(entry.guid) for entry in feed.entries]


def test_all_pages_are_one_feed_newest_first() -> None:
    pages = {"2": page(4, 3, then="3"), "3": page(3, 2, 1)}
    assert numbers(whole(page(6, 5, then="2"), pages.get).feed) == [6, 5, 4, 3, 2, 1]


def test_a_feed_in_one_piece_stays_as_it_is() -> None:
    first = page(1, 3, 2)
    assert whole(first, {}.get) == Walk(first)


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ({"2": page(6, 5, then="3")}, [6, 5]),
        ({"2": page(4, then="2")}, [6, 5, 4]),
        ({"2": page(4, then="3"), "3": page(3, then="2")}, [6, 5, 4, 3]),
        ({"2": page(then="3"), "3": page(1)}, [6, 5, 1]),
        ({}, [6, 5]),
        ({"2": page(4, then="gone")}, [6, 5, 4]),
    ],
)
def test_pages_that_repeat_or_fail_end_the_walk_and_lose_nothing(pages: dict[str, ParsedFeed], expected: list[int]) -> None:
    assert numbers(whole(page(6, 5, then="2"), pages.get).feed) == expected


def test_no_feed_has_pages_without_end() -> None:
    asked: list[str] = []

    def endless(address: str) -> ParsedFeed:
        asked.append(address)
        return page(-len(asked), then=f"{address}x")

    walk = whole(page(1, then="x"), endless)
    assert len(walk.feed.entries) == MOST_PAGES + 1 == len(asked) + 1
    assert (walk.pages, walk.stopped_at, walk.enough) == (MOST_PAGES + 1, asked[-1] + "x", True)
    rest = on_from("x", endless, before=MOST_PAGES - 3)
    assert (rest.pages, rest.enough) == (3, True)
    full = on_from("x", endless, entries_before=MOST_ENTRIES - 2)
    assert (full.pages, full.enough) == (2, True)
    assert on_from("x", endless, entries_before=MOST_ENTRIES) == Walk(ParsedFeed("", next_page="x"), 0, "x", enough=True)


def test_what_was_read_of_a_feed_says_what_is_left() -> None:
    pages = {"2": page(4, 3, then="3"), "3": page(2, 1)}
    assert whole(page(6, 5, then="2"), pages.get).feed.next_page is None
    del pages["3"]
    assert whole(page(6, 5, then="2"), pages.get).feed.next_page == "3"


@pytest.mark.parametrize(
    ("pages", "read", "stopped_at"),
    [
        ({}, 1, "2"),
        ({"2": page(4, then="3")}, 2, "3"),
        ({"2": page(then="3")}, 2, "3"),
        ({"2": page(4)}, 2, None),
        ({"2": page(6, 5, then="3")}, 2, None),
    ],
)
def test_a_walk_says_how_far_it_came_and_goes_on_from_there(
    pages: dict[str, ParsedFeed], read: int, stopped_at: str | None
) -> None:
    walk = whole(page(6, 5, then="2"), pages.get)
    assert (walk.pages, walk.stopped_at) == (read, stopped_at)
    if stopped_at:
        assert on_from(stopped_at, pages.get).pages == 0
        rest = on_from(stopped_at, {stopped_at: page(2, then="later")}.get)
        assert (numbers(rest.feed), rest.pages, rest.stopped_at) == ([2], 1, "later")
