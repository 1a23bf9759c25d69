from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.episodes.episode import Episode, Source
from core.domain.feeds.people import Person

pytestmark = pytest.mark.usefixtures("castmind")


def shown(**columns: object) -> dict[str, object]:
    def page(episode: object) -> None:
        import streamlit as st

        from pages.episode.people import credits

        st.session_state["credits"] = credits(episode)  # type: ignore[arg-type]

    episode = Episode(1, "A talk", Source.FEED, 0.0, 0.0, **columns)  # type: ignore[arg-type]
    test = AppTest.from_function(page, args=(episode,)).run()
    assert not test.exception
    said: dict[str, object] = test.session_state["credits"]
    return said


def test_season_number_and_kind_are_one_line() -> None:
    assert shown(season=2, number=7.0, kind="bonus")["facts"] == "Season 2 · Episode 7 · Bonus"
    assert shown(number=4.5, kind="full")["facts"] == "Episode 4.5"
    assert shown() == {"facts": "", "people": []}


def test_people_have_their_roles_and_only_web_links() -> None:
    people = (Person("Ann"), Person("Bo", "guest", "javascript:alert(1)"), Person("Cy", "sound design", "https://a.example/cy"))
    assert shown(people=people)["people"] == [
        {"name": "Ann", "role": "host", "link": None},
        {"name": "Bo", "role": "guest", "link": None},
        {"name": "Cy", "role": "sound design", "link": "https://a.example/cy"},
    ]
