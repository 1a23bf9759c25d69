"""The people of an episode as one column of text."""

from __future__ import annotations

import pytest

from core.domain.feeds.people import Person, ShowPeople, of_show, read, written


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


def test_a_show_has_its_hosts_by_how_often_and_its_guests_by_how_lately() -> None:
    ada, ben, cleo = Person("Ada"), Person("Ben", "co-host"), Person("Cleo", "guest")
    episodes = [
        (ada, cleo, Person("Eve", "editor")),
        (ada, ben, Person("Dan", "guest host")),
        (ada, ben, cleo),
        (ben, ada, Person("Ben", "guest")),
    ]
    assert of_show(episodes) == ShowPeople((ada, ben), (cleo, Person("Dan", "guest host")))
    assert of_show([]) == of_show([(), (Person("Eve", "editor"),)]) == ShowPeople()


def test_as_often_a_host_as_a_guest_is_a_host_and_less_often_a_guest() -> None:
    host, guest = Person("Ada"), Person("Ada", "guest")
    assert of_show([(guest,), (host,)]) == ShowPeople(hosts=(guest,))
    assert of_show([(host,), (guest,), (guest,)]) == ShowPeople(guests=(host,))


def test_one_person_is_named_once_with_the_newest_spelling_and_link() -> None:
    spellings = [Person("Ada  Byron"), Person("ADA BYRON", link="https://new/"), Person("ada byron", link="https://old/")]
    assert of_show([(each,) for each in spellings]) == ShowPeople((Person("Ada  Byron", link="https://new/"),))
