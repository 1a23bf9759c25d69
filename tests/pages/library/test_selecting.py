"""Actions on the ticked episodes, and on all that a filter means."""

from __future__ import annotations

import pytest
import streamlit as st

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from pages.library import selecting
from pages.shared import background_tasks
from tests.pages.conftest import Open
from tests.pages.library.conftest import Ask


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
