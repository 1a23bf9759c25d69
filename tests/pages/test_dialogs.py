"""A dialog stays while the page behind it is drawn anew, and goes when it is answered, or when the page is another."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.episode import Filter
from core.store import episodes
from tests.pages.conftest import Open


@pytest.fixture
def two(castmind: CastMind) -> list[int]:
    def add(db: object) -> list[int]:
        return [episodes.add(db, {"title": title, "source": "upload", "duration": 100.0}, now=1000.0) for title in ("One", "Two")]

    return castmind.library._store.write(add)


@pytest.fixture
def asked(two: list[int], opened: Open) -> AppTest:
    """The page of the first episode, which asks whether it is to be deleted."""
    page = opened("episode.py", id=str(two[0]))
    return page.button(key="delete").click().run()


def sure(page: AppTest) -> bool:
    assert not page.exception
    return "delete-now" in {button.key for button in page.button}


def test_it_stays_while_the_page_is_drawn_anew(asked: AppTest) -> None:
    assert sure(asked)
    assert sure(asked.run()) and sure(asked.run())


def test_its_answer_is_carried_out_and_leads_on(asked: AppTest, castmind: CastMind, two: list[int]) -> None:
    asked.button(key="delete-now").click().run()
    assert not asked.exception and asked.title[0].value == "Library"
    assert castmind.library.count(Filter(deleted=True)) == 1
    assert castmind.library.episode(two[1]).episode.title == "Two"


def test_an_answer_is_carried_out_when_the_page_has_closed_it_meanwhile(asked: AppTest, castmind: CastMind) -> None:
    asked.button(key="delete-now").click()
    del asked.session_state["dialogs.asked"]
    asked.run()
    assert not asked.exception and castmind.library.count(Filter(deleted=True)) == 1


def test_an_episode_that_is_gone_takes_it_along(asked: AppTest, castmind: CastMind, two: list[int]) -> None:
    castmind.trash.delete(two)
    castmind.trash.purge(two)
    asked.run()
    assert not sure(asked)


@pytest.mark.parametrize("way", ["another page", "another episode"])
def test_it_does_not_go_along(asked: AppTest, two: list[int], way: str) -> None:
    if way == "another page":
        asked.switch_page("queue.py").run()
        asked.switch_page("episode.py")
    else:
        asked.query_params["id"] = str(two[1])
        assert not sure(asked.run())
    asked.query_params["id"] = str(two[0])
    assert not sure(asked.run())
