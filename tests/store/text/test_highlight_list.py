"""Highlights of the whole library: the newest first, by colour, feed, tag and text, without those of the trash."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.transcripts.annotation import Colour, HighlightFilter, HighlightGroup, Span
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes, tags
from core.store.text import highlight_list, highlights


@pytest.fixture
def four(store: Store) -> list[int]:
    """Two of an episode of a feed with a tag, one of an upload, one of an episode in the trash."""

    def fill(db: Database) -> list[int]:
        feed_id = feeds.add(db, {"url": "https://f/", "title": "Show", "next_poll_at": 4e9}, now=1.0)
        of_feed = episodes.add(db, {"title": "One", "source": "feed", "feed_id": feed_id, "guid": "1"}, now=1.0)
        upload = episodes.add(db, {"title": "Two", "source": "upload", "duration": 60.0}, now=1.0)
        gone = episodes.add(db, {"title": "Gone", "source": "upload", "deleted_at": 5.0}, now=1.0)
        tags.put(db, tags.named(db, "work", now=1.0), [of_feed])
        add = partial(highlights.add, db, now=2.0)
        span = highlights.span_columns(Span(0, 0, 0, 4))
        words = [
            (of_feed, "late 100%", "yellow", 9.0),
            (of_feed, "early", "pink", 1.0),
            (upload, "Lantern_s", "pink", 3.0),
            (gone, "x", "pink", 1.0),
        ]
        return [
            add(number, {**span, "start": start, "end": start + 1, "quote": quote, "colour": colour, "remark": ""})
            for number, quote, colour, start in words
        ]

    return store.write(fill)


def quotes(store: Store, **wanted: object) -> list[str]:
    return [row.highlight.quote for row in highlight_list.listing(store.read(), HighlightFilter(**wanted))]  # type: ignore[arg-type]


def test_the_newest_come_first_a_page_at_a_time(store: Store, four: list[int]) -> None:
    first = highlight_list.listing(store.read(), HighlightFilter(), limit=2)
    assert [row.highlight.id for row in first] == [four[2], four[1]]
    assert (first[0].episode_title, first[0].feed_id, first[0].feed_title, first[0].duration, first[0].has_audio) == (
        "Two",
        None,
        None,
        60.0,
        False,
    )
    assert (first[1].feed_id, first[1].feed_title) == (1, "Show")
    assert [row.highlight.id for row in highlight_list.listing(store.read(), HighlightFilter(), before=four[1])] == [four[0]]


def test_each_condition_narrows_and_signs_of_patterns_are_letters(store: Store, four: list[int]) -> None:
    assert quotes(store, colour=Colour.PINK) == ["Lantern_s", "early"]
    assert quotes(store, feed_id=1) == ["early", "late 100%"]
    assert quotes(store, tag_id=1, colour=Colour.YELLOW) == ["late 100%"]
    assert quotes(store, text="lantern") == ["Lantern_s"]
    assert quotes(store, text="0%") == ["late 100%"]
    assert quotes(store, text="n_s") == ["Lantern_s"]
    assert quotes(store, text="t%r") == quotes(store, text="a_e") == []


def test_counts_leave_out_what_has_none(store: Store, four: list[int]) -> None:
    found = highlight_list.counts(store.read())
    assert (found.total, found.colours) == (3, {Colour.YELLOW: 1, Colour.PINK: 2})
    assert found.feeds == (HighlightGroup(1, "Show", 2),)
    assert found.tags == (HighlightGroup(1, "work", 2),)


def test_for_a_file_they_stand_by_episode_in_the_order_of_the_audio(store: Store, four: list[int]) -> None:
    assert [row.highlight.quote for row in highlight_list.by_episode(store.read(), HighlightFilter())] == [
        "early",
        "late 100%",
        "Lantern_s",
    ]
    assert [row.highlight.id for row in highlight_list.of_ids(store.read(), [four[2], 99, four[0], four[3]])] == [
        four[2],
        four[0],
    ]
    assert sorted(highlight_list.ids(store.read())) == four[:3]
