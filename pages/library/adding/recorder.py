"""Recording from the microphone, in a dialog of the library: record, listen, name it, keep it as an episode.

st.audio_input ─▶ the sound, in this session alone ─▶ Keep ─▶ castmind.recordings ─▶ episode      Discard ─▶ deleted
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from core import app
from pages.shared import actions, formats
from pages.text import t
from pages.visitor import me

_TURN = "recorder.turn"


def draw(kept: Callable[[], None]) -> None:
    """Draw the recorder, and call `kept` once a recording has become an episode."""
    turn = st.session_state.setdefault(_TURN, 0)
    sound = st.audio_input(t("recorder.label"), key=f"recorder.sound.{turn}")
    st.caption(t("recorder.body"))
    if sound is None:
        return
    st.text_input(t("recorder.title"), key=f"recorder.title.{turn}", max_chars=300, placeholder=_name())
    with st.container(horizontal=True):
        st.button(t("recorder.keep"), key="recorder.keep", type="primary", icon=":material/check:", on_click=_keep, args=(kept,))
        st.button(t("recorder.discard"), key="recorder.discard", icon=":material/delete:", on_click=_again)


def _name() -> str:
    return t("recorder.name", time=formats.time_of(time.time()))


def _keep(kept: Callable[[], None]) -> None:
    turn = st.session_state[_TURN]
    sound = st.session_state.get(f"recorder.sound.{turn}")
    title = str(st.session_state.get(f"recorder.title.{turn}") or "").strip() or _name()
    if sound is not None and actions.attempt(lambda: app.current().recordings.keep(me(), sound, title=title), t("recorder.kept")):
        _again()
        kept()


def _again() -> None:
    st.session_state[_TURN] += 1
