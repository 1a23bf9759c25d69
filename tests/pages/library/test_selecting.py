"""What the list asks of the page: no act comes that way."""

from __future__ import annotations

import pytest
import streamlit as st

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from tests.pages.library.conftest import Ask

ACTS = ("star", "unstar", "read", "mark_unread", "tag", "untag", "delete", "restore", "purge", "transcribe", "retry", "cancel")


@pytest.mark.parametrize("act", ACTS)
def test_no_trigger_carries_an_act(castmind: CastMind, seven: list[int], ask: Ask, act: str) -> None:
    before = castmind.library.listing(OWNER).items
    ask(act, seven)
    assert castmind.library.listing(OWNER).items == before
    assert "dialogs.asked" not in st.session_state


def test_an_export_of_all_that_match_asks_about_their_ids(castmind: CastMind, seven: list[int], ask: Ask) -> None:
    castmind.bulk_actions.star(OWNER, seven[2:4])
    ask("export", None, Filter(starred=True))
    name, ids, _ = st.session_state["dialogs.asked"]
    assert (name, sorted(ids)) == ("library.export", sorted(seven[2:4]))
