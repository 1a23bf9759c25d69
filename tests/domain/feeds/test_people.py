"""The people of an episode as one column of text."""

from __future__ import annotations

import pytest

from core.domain.feeds.people import Person, read, written


@pytest.mark.parametrize(
    "people",
    [
        (),
        (Person("Ada"),),
        (Person("王小明", "guest"), Person('"Q" \\ [x]', "editor", "https://a.example/?a=1&b=2")),
    ],
)
def test_people_come_back_in_their_order(people: tuple[Person, ...]) -> None:
    assert read(written(people)) == people


def test_nobody_is_no_text_and_a_name_stays_readable_in_it() -> None:
    assert (written(()), read(None), read("")) == (None, (), ())
    assert written([Person("王小明")]) == '[["王小明", "host", null]]'
