"""Dialogs that change an episode as a whole: transcribe it again, delete it. Its notes are written again from the player."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from core import app
from core.domain.episode import Episode
from core.domain.provenance import PUBLISHER
from pages.parts import selecting
from pages.parts.acting import attempt
from pages.parts.foreign import plain
from pages.parts.languages import LANGUAGES
from pages.text import t

SPEECH_MODELS = ("large-v3-turbo", "large-v3", "medium", "small", "base", "tiny", "demo")
AS_SET = ""


def buttons(episode: Episode, *, transcribed: bool) -> None:
    """The row of buttons that open the dialogs."""
    with st.container(horizontal=True, key="redo"):
        if transcribed:
            _opener("transcribe-again", ":material/graphic_eq:", t("episode.transcribe_again"), _transcribe, episode)
        _opener("delete", ":material/delete:", t("episode.delete"), _delete, episode)


def _opener(key: str, icon: str, title: str, draw: Callable[[Episode], None], episode: Episode) -> None:
    if st.button(title, key=key, icon=icon):
        st.dialog(title)(draw)(episode)


def _choice(label: str, key: str, known: Iterable[str], chosen: str | None) -> str | None:
    """A value from a list or typed in; None when the settings are to decide."""
    options = list(dict.fromkeys([AS_SET, *known, *([chosen] if chosen else [])]))
    value = st.selectbox(
        label,
        options,
        index=options.index(chosen or AS_SET),
        format_func=lambda code: LANGUAGES.get(code, code) or t("episode.as_set"),
        accept_new_options=True,
        key=key,
    )
    return (value or "").strip() or None


def _transcribe(episode: Episode) -> None:
    st.caption(t("episode.transcribe_again_help"))
    language = _choice(t("episode.spoken_language"), "again-language", LANGUAGES, episode.language)
    model = _choice(t("episode.speech_model"), "again-model", SPEECH_MODELS, episode.model)
    publisher = _publisher(episode)

    def again() -> None:
        library = app.current().library
        # A wish of None leaves an earlier one standing in `transcribe`; here it means that the settings decide again.
        cleared: dict[str, str | None] = {name: None for name, wish in (("language", language), ("model", model)) if not wish}
        if cleared:
            library.update(episode.id, **cleared)
        library.transcribe(episode.id, language=language, model=model, publisher_transcript=publisher)

    if st.button(t("episode.transcribe_again"), type="primary", key="again-transcribe"):
        attempt(again)
        st.rerun()


def _publisher(episode: Episode) -> str | None:
    """Whether the publisher's transcript may be used, asked where there is one; whoever has it now may want ours."""
    supplied = app.current().supplied
    if supplied.transcript(episode.id) is None:
        return None
    found = supplied.provenance(episode.id)
    own = found is not None and found[0].model == PUBLISHER
    options = ["never", "prefer"] if own else ["prefer", "never"]
    at = options.index(episode.publisher_transcript) if episode.publisher_transcript and not own else 0
    return st.radio(t("fit.again"), options, at, format_func=lambda word: t(f"fit.again.{word}"), key="again-publisher")


def _delete(episode: Episode) -> None:
    st.markdown(t("episode.delete_sure", title=plain(episode.title)))
    if st.button(t("episode.delete_now"), type="primary", key="delete-now"):
        # The library offers to undo it.
        if selecting.delete([episode.id]):
            st.switch_page("library.py")
        st.rerun()
