"""Waits for the same condition are one card."""

from __future__ import annotations

import pytest
import streamlit as st

from core.app import CastMind
from pages.queue import held, queue_cards
from tests.pages.conditions import FETCH, put, unreachable
from tests.pages.conftest import given, open_page


def test_the_queue_folds_what_waits_for_the_same(away: CastMind) -> None:
    waiting = [put(away, "done done waiting done", unreachable(), readable=True) for _ in range(3)]
    fetching = [put(away, "waiting queued queued queued", FETCH["refused"](), readable=False) for _ in range(2)]
    alone = put(away, "waiting queued queued queued", FETCH["disk low"](), readable=False)
    page = open_page("queue/page.py")
    data = given(page, "castmind_queue")
    assert [card["id"] for card in data["cards"]] == [alone]
    better, host = data["held"]
    assert better["said"] == "3 episodes are waiting for better notes" and better["remedy"]["href"] == "/settings"
    assert host["said"] == "2 episodes are waiting for the same thing" and host["remedy"] is None
    assert (sorted(better["ids"]), sorted(host["ids"])) == (waiting, fetching)
    assert (better["unfolded"], host["unfolded"]) == (False, False)


def test_a_condition_is_unfolded_and_folded(away: CastMind, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = [put(away, "done done waiting done", unreachable(), readable=True) for _ in range(3)]
    monkeypatch.setattr(st, "session_state", {})
    (better,) = folded = held.groups()
    assert (held.hidden(folded), held.unfolded(folded)) == (set(waiting), [])
    for said in ([f"{better.condition}.{better.stage}", 1], None, [3], "x"):
        st.session_state[queue_cards.KEY] = {"turned": said}
        queue_cards._turned()
    assert (held.hidden(folded), [item.episode.id for item in held.unfolded(folded)]) == (set(), waiting)
    assert [card["unfolded"] for card in held.cards(folded)] == [True]
    held.turn(f"{better.condition}.{better.stage}")
    assert held.unfolded(folded) == []
