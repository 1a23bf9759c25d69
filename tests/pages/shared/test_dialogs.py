"""A dialog stays while the page behind it is drawn anew, and goes when it is answered, or when the page is another."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import State
from pages.text import texts
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open


@pytest.fixture
def asked(castmind: CastMind, two: list[int], opened: Open) -> AppTest:
    """The page of the first episode, which asks how it is to be transcribed again."""
    castmind.queue.pause(OWNER)
    page = opened("episode/page.py", id=str(two[0]))
    page.session_state["dialogs.asked"] = (f"again.{two[0]}", None, 1)
    return page.run()


def sure(page: AppTest) -> bool:
    assert not page.exception
    return "again-transcribe" in {button.key for button in page.button}


def test_it_stays_while_the_page_is_drawn_anew(asked: AppTest) -> None:
    assert sure(asked)
    assert sure(asked.run()) and sure(asked.run())


def test_its_answer_is_carried_out_once(asked: AppTest, castmind: CastMind, two: list[int]) -> None:
    asked.button(key="again-transcribe").click().run()
    assert not sure(asked)
    assert castmind.library.count(OWNER, Filter(state=State.QUEUED)) == 1 and castmind.library.episode(OWNER, two[0]).jobs


def test_an_answer_is_carried_out_when_the_page_has_closed_it_meanwhile(asked: AppTest, castmind: CastMind) -> None:
    asked.button(key="again-transcribe").click()
    del asked.session_state["dialogs.asked"]
    asked.run()
    assert not asked.exception and castmind.library.count(OWNER, Filter(state=State.QUEUED)) == 1


def test_an_episode_that_is_gone_takes_it_along(asked: AppTest, castmind: CastMind, two: list[int]) -> None:
    castmind.trash.delete(OWNER, two)
    castmind.trash.purge(OWNER, two)
    asked.run()
    assert not sure(asked)


@pytest.mark.parametrize("way", ["another page", "another episode"])
def test_it_does_not_go_along(asked: AppTest, two: list[int], way: str) -> None:
    if way == "another page":
        asked.switch_page("queue/page.py").run()
        asked.switch_page("episode/page.py")
    else:
        asked.query_params["id"] = str(two[1])
        assert not sure(asked.run())
    asked.query_params["id"] = str(two[0])
    assert not sure(asked.run())


def test_it_opens_at_the_first_press_on_a_page_that_has_just_changed(castmind: CastMind, opened: Open) -> None:
    name = castmind._backups.create("manual", media=False).name
    page = opened("settings/page.py")
    page.segmented_control(key="group").set_value("backup").run()
    page.button(key=f"backup.delete.{name}").click().run()
    assert page.button(key=f"backup.delete.yes.{name}") and not page.exception


def test_a_second_press_means_the_first(castmind: CastMind, opened: Open) -> None:
    name = castmind._backups.create("manual", media=False).name
    page = opened("settings/page.py")
    page.segmented_control(key="group").set_value("backup").run()
    page.button(key=f"backup.delete.{name}").click().run()
    press = page.button(key=f"backup.delete.yes.{name}")
    press.click().run()
    assert [toast.value for toast in page.toast] == [texts("en")["backup.deleted"]]
    press.click().run()
    assert not page.error and not page.exception
    assert texts("en")["error.not_found"] not in [toast.value for toast in page.toast]
    assert castmind._backups.listing() == []


def test_one_whose_subject_went_does_not_come_back_with_it(castmind: CastMind, opened: Open) -> None:
    with PodcastHost() as host:
        number = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    page = opened("show/page.py", id=str(number))

    def unfold() -> set[str | None]:
        page.session_state[f"feed.unfolded.{number}"] = True
        page.run()
        assert not page.exception
        return {button.key for button in page.button}

    unfold()
    page.button(key=f"feed.remove.{number}").click().run()
    assert f"feed.remove.yes.{number}" in unfold()
    castmind.unsubscribe.remove(OWNER, number, episodes=False)
    page.run()
    castmind.unsubscribe.restore(OWNER, castmind.unsubscribe.listing(OWNER)[0].id)
    page.run()
    assert {f"feed.remove.{number}"} == {key for key in unfold() if str(key).startswith("feed.remove.")}


def test_it_does_not_outlive_a_restore(asked: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("pages.shared.restoring.library_is_away", lambda: True)
        patch.setattr("pages.shared.restoring.draw", lambda: None)
        asked.run()
    assert not sure(asked.run())
