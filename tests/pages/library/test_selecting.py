"""Actions on the ticked episodes, and on all that a filter means."""

from __future__ import annotations

import pytest
import streamlit as st

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.services.library import bulk_task
from pages.shared import background_tasks
from tests.pages.conftest import Open
from tests.pages.library.conftest import Ask


def ended(castmind: CastMind) -> str:
    """Return the page's message about the only run."""
    (task,) = castmind._tasks.listing("bulk")
    said = background_tasks.outcome(castmind._tasks.wait(task.id))
    castmind._tasks.forget(task.id)
    return said


def test_many_are_done_in_the_background_and_told_about(
    castmind: CastMind, seven: list[int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_task, "AT_ONCE", 3)
    castmind.bulk_actions.tag(OWNER, seven[:1], "mine")
    page = opened()
    page.session_state["dialogs.asked"] = ("library.tag", seven, 1)
    page.session_state["library.tagging"] = "mine"
    page.run()
    page.button(key="library.tag.put").click().run()
    assert ended(castmind) == "6 episodes updated. 1 was left unchanged; there was nothing to do."


@pytest.mark.parametrize("act", ["star", "unstar", "read", "mark_unread", "delete", "restore", "transcribe", "retry", "cancel"])
def test_no_trigger_carries_an_act(castmind: CastMind, seven: list[int], ask: Ask, act: str) -> None:
    before = castmind.library.listing(OWNER).items
    ask(act, seven)
    assert castmind.library.listing(OWNER).items == before


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
        "The tag “mine” no " if entered else "The tag “” no long"
    ]
    assert castmind.library.count(OWNER, Filter(tag=tag.id)) == 7
