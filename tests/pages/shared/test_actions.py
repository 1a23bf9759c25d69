"""A button's one call into core, and the one sentence about it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.shared.escape_markdown import plain
from pages.text import texts

# Toasts of this length stay until they are closed.
STAYS, SHORT = 0, 4


def _page() -> None:
    import streamlit as st

    from core.errors import NotFound
    from pages.shared import actions

    def refused() -> None:
        raise NotFound("There is no *feed* 7.", id=7)

    def broken() -> None:
        raise ValueError("a defect")

    ran = st.session_state.setdefault("ran", [])
    actions.button("Quiet", lambda: ran.append("quiet"), key="quiet")
    actions.button("Done", lambda: ran.append("done"), key="done", done="It is done.")
    actions.button("Refused", refused, key="refused", done="It is done.")
    actions.button("Not working", broken, key="broken", done="It is done.")
    actions.button("Both", lambda: (actions.say("Good."), actions.complain("Bad.")), key="both")
    actions.tell()


def clicked(key: str) -> AppTest:
    return AppTest.from_function(_page).run().button(key=key).click().run()


def toasts(page: AppTest) -> list[tuple[str, int]]:
    return [(toast.value, toast.proto.duration) for toast in page.toast]


def test_what_was_done_is_said_once_and_goes_by_itself(resting: CastMind) -> None:
    page = clicked("done")
    assert page.session_state["ran"] == ["done"] and toasts(page) == [("It is done.", SHORT)]
    assert not page.run().toast and page.session_state["ran"] == ["done"]


def test_without_a_sentence_nothing_is_said(resting: CastMind) -> None:
    page = clicked("quiet")
    assert page.session_state["ran"] == ["quiet"] and not page.toast


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_is_said_in_its_place_and_stays(resting: CastMind, language: str) -> None:
    said = plain(texts(language)["error.not_found"])
    resting.settings.save(OWNER, "language", language)
    page = clicked("refused")
    assert toasts(page) == [(said, STAYS)] and not page.exception


def test_a_defect_is_not_taken_for_a_refusal(resting: CastMind) -> None:
    page = clicked("broken")
    # What it says is in the log, not on the page.
    assert len(page.exception) == 1 and "a defect" not in page.exception[0].message and not page.toast


def test_an_action_can_say_more_than_one_thing(resting: CastMind) -> None:
    assert toasts(clicked("both")) == [("Good.", SHORT), ("Bad.", STAYS)]
