"""What the browser's list asks for: its shape is checked, because it comes from a browser."""

from __future__ import annotations

import pytest
import streamlit as st

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from pages.library import episode_list, selecting


@pytest.mark.parametrize(
    "wish", [None, [], "star", [{"act": "star"}], [{"act": "star", "ids": ["1"]}], [{"act": "drop", "ids": [1]}]]
)
def test_a_wish_that_the_list_never_makes_does_nothing(
    castmind: CastMind, seven: list[int], monkeypatch: pytest.MonkeyPatch, wish: object
) -> None:
    monkeypatch.setattr(st, "session_state", {episode_list.KEY: {"asked": wish}})
    selecting.act(Filter(), "pages")
    assert castmind.library.count(OWNER, Filter(starred=True)) == 0


@pytest.mark.parametrize(
    ("ids", "wanted"),
    [(None, None), ([], ()), ([7, 3], (7, 3))],
    ids=["all that the filters match", "none", "the ticked ones"],
)
def test_an_action_is_for_the_ticked_or_for_all_that_match(
    monkeypatch: pytest.MonkeyPatch, ids: list[int] | None, wanted: tuple[int, ...] | None
) -> None:
    monkeypatch.setattr(st, "session_state", {episode_list.KEY: {"asked": [{"act": "star", "ids": ids, "at": 1}]}})
    assert episode_list.wish() == episode_list.ListAction("star", wanted)


def test_neither_truth_nor_fractions_are_taken_for_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    for ids in ([True], [1.0], 7):
        monkeypatch.setattr(st, "session_state", {episode_list.KEY: {"asked": [{"act": "star", "ids": ids}]}})
        assert episode_list.wish() is None
