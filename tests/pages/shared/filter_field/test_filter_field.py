"""The field that filters while the reader types: what was typed counts once, then the URL."""

from __future__ import annotations

import pytest
import streamlit as st

from pages.shared.filter_field import filter_field

KEY = "field"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A session and a URL without a running page."""
    held: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", held)
    monkeypatch.setattr(st, "query_params", {})
    return held


def typed(session: dict[str, object], number: object, words: object) -> tuple[float, str]:
    session[KEY] = {"typed": {"n": number, "words": words}}
    return filter_field._current("q", KEY)


def test_what_was_typed_goes_into_the_url_and_then_the_url_counts(session: dict[str, object]) -> None:
    assert filter_field._current("q", KEY) == (0, "")
    assert typed(session, 7, " har ") == (7, "har") and st.query_params == {"q": "har"}
    st.query_params["q"] = "of Back"
    assert filter_field._current("q", KEY) == (7, "of Back")
    assert typed(session, 8, "  ") == (8, "") and st.query_params == {}


@pytest.mark.parametrize(("number", "words"), [("7", "har"), (7, None), (None, "har")])
def test_another_shape_is_not_taken(session: dict[str, object], number: object, words: object) -> None:
    assert typed(session, number, words) == (0, "")


def test_very_many_words_are_cut(session: dict[str, object]) -> None:
    assert len(typed(session, 7, "a" * 1000)[1]) == filter_field.LONGEST
