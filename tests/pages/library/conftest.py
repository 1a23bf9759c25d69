"""The requests of the browser's list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import streamlit as st

from core.app import CastMind
from core.domain.episodes.episode import Filter
from pages.library import episode_list, selecting

Ask = Callable[..., None]


@pytest.fixture
def ask(castmind: CastMind, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Send a request of the browser's list through its callback, outside a running page."""
    monkeypatch.setattr(st, "session_state", {})

    def asked(act: str, ids: list[int] | None = None, wanted: Filter | None = None) -> None:
        st.session_state[episode_list.KEY] = {"asked": [{"act": act, "ids": ids, "at": 1}]}
        selecting.act(wanted or Filter(), "pages")

    return asked
