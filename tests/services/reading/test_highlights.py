from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.transcripts.annotation import Colour, HighlightFilter, HighlightForm, Span
from core.services.reading.highlights import Highlights
from tests.runner_fixture import Rig


@pytest.fixture
def highlights(rig: Rig, episode: int) -> Highlights:
    for number in range(5):
        rig.annotations.highlight(OWNER, episode, Span(0, number, 0, number + 3), colour=Colour.PINK)
    return Highlights(rig.store)


def test_pages_follow_one_another_to_the_end(highlights: Highlights) -> None:
    first, following = highlights.listing(OWNER, HighlightFilter(), limit=3)
    rest, end = highlights.listing(OWNER, HighlightFilter(), before=following, limit=3)
    assert [row.highlight.id for row in first + rest] == [5, 4, 3, 2, 1]
    assert end is None
    assert highlights.counts(OWNER).total == 5


def test_three_a_day_are_the_same_all_day_and_others_come_in_turn(highlights: Highlights) -> None:
    today = date(2026, 1, 1)

    def drawn(day: date) -> tuple[int, ...]:
        return tuple(row.highlight.id for row in highlights.review(OWNER, day))

    assert len(drawn(today)) == 3 and drawn(today) == drawn(today)
    days = [drawn(today + timedelta(days=number)) for number in range(20)]
    assert len(set(days)) > 5
    assert {number for day in days for number in day} == {1, 2, 3, 4, 5}


def test_a_file_holds_those_that_are_meant(highlights: Highlights) -> None:
    text = highlights.export(OWNER, HighlightForm.CSV, HighlightFilter(colour=Colour.PINK), page=lambda number, _: str(number))
    assert len(text.splitlines()) == 6
    assert highlights.export(OWNER, HighlightForm.MARKDOWN, HighlightFilter(colour=Colour.BLUE), page=lambda *_: "") == ""
