"""The library page: its rows, its filters, and requests from the browser's list."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
import streamlit as st

from bench.library import fill
from core.app import CastMind
from core.domain.accounts.actor import OWNER, Actor
from core.domain.episodes.episode import Filter, Sort
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import DiskFull
from core.services.library.bulk_actions import Done
from core.sources.media import web_page
from core.store.library import episodes as rows_of
from pages.library import episode_list, episodes, filters, selecting
from pages.shared import background_tasks
from tests.pages.conftest import Open

Ask = Callable[..., None]


@pytest.fixture
def seven(castmind: CastMind) -> list[int]:
    """Return seven episodes from files, newest first."""

    def add(db: object) -> list[int]:
        return [rows_of.add(db, {"title": f"Talk {n}", "source": "upload", "duration": 100.0}, now=1000.0 + n) for n in range(7)]

    return castmind.library._store.write(add)[::-1]


@pytest.fixture
def ask(castmind: CastMind, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Send a request of the browser's list through its callback, outside a running page."""
    monkeypatch.setattr(st, "session_state", {})

    def asked(act: str, ids: list[int] | None = None, wanted: Filter | None = None) -> None:
        st.session_state[episode_list.KEY] = {"asked": [{"act": act, "ids": ids, "at": 1}]}
        selecting.act(wanted or Filter(), "pages")

    return asked


def test_a_row_says_what_the_reader_needs(castmind: CastMind, seven: list[int]) -> None:
    castmind.library.set_position(OWNER, seven[0], 25.0)
    castmind.bulk_actions.star(OWNER, seven[:1])
    castmind.bulk_actions.tag(OWNER, seven[:1], "work")
    row = episodes.row(castmind.library.episode(OWNER, seven[0]))
    assert (row["title"], row["href"], row["initial"]) == ("Talk 6", f"/episode?id={seven[0]}", "T")
    assert (row["starred"], row["unread"], row["tags"], row["heard"]) == (True, True, ["work"], 0.25)
    assert row["acts"] == ["transcribe"] and row["facts"][-1] == "1:40"


def test_a_row_in_the_trash_says_until_when(castmind: CastMind, seven: list[int]) -> None:
    castmind.trash.delete(OWNER, seven[:1])
    row = episodes.row(castmind.library.episode(OWNER, seven[0]))
    assert row["acts"] == ["restore", "purge"] and row["said"].startswith("Kept until") and not row["unread"]


def test_marks_and_deletes_of_the_ticked_and_of_all(castmind: CastMind, seven: list[int], ask: Ask) -> None:
    ask("star", seven[:2])
    assert castmind.library.count(OWNER, Filter(starred=True)) == 2
    ask("delete", None, Filter(starred=True))
    assert castmind.library.count(OWNER) == 5
    assert selecting.undoable()
    ask("undo", [])
    assert castmind.library.count(OWNER) == 7 and selecting.undoable() is None
    ask("read", seven[:3])
    assert castmind.library.count(OWNER, Filter(unread=True)) == 4
    ask("mark_unread", seven[:2])
    assert castmind.library.count(OWNER, Filter(unread=True)) == 6


def ended(castmind: CastMind) -> str:
    """Return the page's message about the only run."""
    (task,) = castmind._tasks.listing("bulk")
    said = background_tasks.outcome(castmind._tasks.wait(task.id))
    castmind._tasks.forget(task.id)
    return said


def test_many_are_done_in_the_background_and_told_about(
    castmind: CastMind, seven: list[int], ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selecting, "AT_ONCE", 3)
    castmind.bulk_actions.mark_read(OWNER, seven[:1])
    ask("read", None)
    assert ended(castmind) == "Done for 6 episodes. 1 were left as they were: there was nothing to do."
    assert castmind.library.count(OWNER, Filter(unread=True)) == 0
    ask("delete", None)
    assert ended(castmind) == "Done for 7 episodes."
    assert castmind.library.count(OWNER) == 0 and selecting.undoable()
    ask("undo", [])
    assert ended(castmind) == "Done for 7 episodes."
    assert castmind.library.count(OWNER) == 7


def test_what_was_stopped_or_failed_says_what_is_done() -> None:
    begun = Task(1, "bulk", what="read", total=1200, done=400)
    stopped = replace(begun, state=State.CANCELLED, detail={"changed": 390})
    assert background_tasks.outcome(stopped) == (
        "Stopped. Done for 390 episodes. 10 were left as they were: there was nothing to do. "
        "800 were not reached; what is done stays done."
    )
    failed = replace(begun, state=State.FAILED, error=DiskFull("Full.").to_dict())
    assert background_tasks.outcome(failed).endswith("400 of 1,200 were gone through; what is done stays done.")
    assert background_tasks.outcome(failed).startswith("Full")


def test_a_task_is_shown_with_a_way_to_stop_it_and_then_told(
    castmind: CastMind, seven: list[int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(actor: Actor, action: str, which: Sequence[int]) -> Done:
        begun.set()
        assert go_on.wait(60)
        return Done(len(which), 0)

    monkeypatch.setattr(castmind.bulk_actions, "act", slowly)
    task = castmind.bulk_tasks.begin(OWNER, "retry", seven, batch=3)
    assert begun.wait(60)
    page = opened()
    page.button(key=f"task.stop.{task.id}").click().run()
    go_on.set()
    assert castmind._tasks.wait(task.id).state is State.CANCELLED
    page.run()
    assert [toast.value for toast in page.toast] == ["Stopped. Done for 3 episodes. 4 were not reached; what is done stays done."]


def test_all_that_failed_is_tried_again_with_one_button(castmind: CastMind, seven: list[int], opened: Open) -> None:
    castmind.queue.pause(OWNER)
    castmind.bulk_actions.transcribe(OWNER, seven)
    castmind.library._store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id < 5"))
    page = opened(state="failed")
    button = page.button(key="library.retry_failed")
    assert button.label == "Try all failed again (4)"
    button.click().run()
    assert castmind.library.count(OWNER, Filter(state=State.FAILED)) == 0


def test_what_cannot_be_undone_is_asked_for_first(castmind: CastMind, seven: list[int], ask: Ask) -> None:
    castmind.trash.delete(OWNER, seven[:1])
    ask("purge", seven[:1])
    assert castmind.library.count(OWNER, Filter(deleted=True)) == 1
    assert st.session_state["dialogs.asked"][:2] == ("library.purge", seven[:1])


@pytest.mark.parametrize("entered", [None, "gone"])
def test_a_tag_that_is_gone_is_not_taken_off(
    castmind: CastMind, seven: list[int], opened: Open, monkeypatch: pytest.MonkeyPatch, entered: str | None
) -> None:
    castmind.bulk_actions.tag(OWNER, seven, "mine")
    page = opened()
    page.session_state["dialogs.asked"] = ("library.tag", seven[:2], 1)
    page.session_state["library.tagging"] = "mine"
    page.run()
    off, (tag,) = page.button(key="library.tag.off"), castmind.bulk_actions.tags(OWNER)
    if entered:
        castmind.bulk_actions.rename_tag(OWNER, tag.id, "another")
    else:
        page.session_state["library.tagging"] = None
    off.click().run()
    assert not page.exception and [toast.value[:18] for toast in page.toast] == [
        "There is no tag “m" if entered else "There is no tag “”"
    ]
    assert castmind.library.count(OWNER, Filter(tag=tag.id)) == 7


@pytest.mark.parametrize(
    "wish", [None, [], "star", [{"act": "star"}], [{"act": "star", "ids": ["1"]}], [{"act": "drop", "ids": [1]}]]
)
def test_a_wish_that_the_list_never_makes_does_nothing(
    castmind: CastMind, seven: list[int], monkeypatch: pytest.MonkeyPatch, wish: object
) -> None:
    monkeypatch.setattr(st, "session_state", {episode_list.KEY: {"asked": wish}})
    selecting.act(Filter(), "pages")
    assert castmind.library.count(OWNER, Filter(starred=True)) == 0


def test_every_filter_stands_in_the_address(
    castmind: CastMind, seven: list[int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = castmind.bulk_actions.create_tag(OWNER, "work").id
    seen: list[filters.LibraryChoice] = []
    monkeypatch.setattr(episodes, "listing", seen.append)
    page = opened(q="talk", state="done", tag=str(tag), unread="1", sort="longest", language="xx")
    assert seen[-1].wanted == Filter(state="done", tag=tag, unread=True, text="talk")  # type: ignore[arg-type]
    assert seen[-1].sort is Sort.LONGEST
    assert list(seen[-1].holding or ()) == ["q", "state", "tag", "unread"]
    page.button(key="library.drop.tag").click().run()
    page.toggle(key="library.unread").set_value(False).run()
    page.toggle(key="library.starred").set_value(True).run()
    assert seen[-1].wanted == Filter(state="done", starred=True, text="talk")  # type: ignore[arg-type]
    assert {"tag", "unread"}.isdisjoint(page.query_params) and page.query_params["starred"] == "1"


def test_an_empty_result_says_how_to_get_out_of_it(seven: list[int], opened: Open) -> None:
    page = opened(starred="1")
    assert page.info
    assert any("star" in line.value for line in page.markdown)


def test_the_library_of_thousands_asks_for_a_page_of_it(
    castmind: CastMind, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(castmind.data, 120)
    given: list[dict[str, object]] = []
    monkeypatch.setattr(episode_list, "mount", lambda data, asked: given.append(data))
    opened()
    assert len(given[-1]["rows"]) == episodes.PAGE and given[-1]["more"] and given[-1]["count"] == 120  # type: ignore[arg-type]
    assert given[-1]["going_on"]


@pytest.mark.parametrize(("there", "says"), [(True, "of a page"), (False, "video file")])
def test_pages_are_asked_for_only_where_they_can_be_read(
    opened: Open, monkeypatch: pytest.MonkeyPatch, there: bool, says: str
) -> None:
    monkeypatch.setattr(web_page, "installed", lambda: there)
    (field,) = [each for each in opened().text_input if each.key == "library.address"]
    assert says in field.label
    assert ("of a page" in field.label) is there
