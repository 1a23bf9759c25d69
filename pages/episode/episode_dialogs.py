"""Dialogs that change an episode as a whole: transcribe it again, delete it. New notes are requested in the player instead."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from core import app
from core.domain.episodes.episode import Episode
from core.domain.transcripts.provenance import PUBLISHER
from pages.episode.languages import LANGUAGES
from pages.library import selecting
from pages.shared import actions, dialogs
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

SPEECH_MODELS = ("large-v3-turbo", "large-v3", "medium", "small", "base", "tiny", "demo")
AS_SET = ""


def buttons(episode: Episode, *, transcribed: bool) -> None:
    """Draw the row of buttons that open the dialogs."""
    with st.container(horizontal=True, key="redo"):
        if transcribed:
            again, icon = t("episode.transcribe_again"), ":material/graphic_eq:"
            dialogs.opener(again, lambda: _transcribe(episode), key="transcribe-again", icon=icon, about=episode.id)
        dialogs.opener(t("episode.delete"), lambda: _delete(episode), key="delete", icon=":material/delete:", about=episode.id)


def _choice(label: str, key: str, known: Iterable[str], chosen: str | None) -> None:
    """Draw a choice from a list, with free input, for `_chosen`."""
    options = list(dict.fromkeys([AS_SET, *known, *([chosen] if chosen else [])]))
    st.selectbox(
        label,
        options,
        index=options.index(chosen or AS_SET),
        format_func=lambda code: LANGUAGES.get(code, code) or t("episode.as_set"),
        accept_new_options=True,
        key=key,
    )


def _chosen(key: str) -> str | None:
    """Return the choice, or None if the settings decide."""
    return str(st.session_state.get(key) or "").strip() or None


def _transcribe(episode: Episode) -> None:
    st.caption(t("episode.transcribe_again_help"))
    _choice(t("episode.spoken_language"), "again-language", LANGUAGES, episode.language)
    _choice(t("episode.speech_model"), "again-model", SPEECH_MODELS, episode.model)
    _publisher(episode)
    again = dialogs.closing(lambda: _again(episode.id))
    actions.button(t("episode.transcribe_again"), again, type="primary", key="again-transcribe")


def _again(episode_id: int) -> None:
    library = app.current().library
    wishes = {"language": _chosen("again-language"), "model": _chosen("again-model")}
    # In `transcribe`, None keeps an earlier wish; here None means that the settings decide again.
    cleared: dict[str, str | None] = {name: None for name, wish in wishes.items() if not wish}
    if cleared:
        library.update(me(), episode_id, **cleared)
    library.transcribe(me(), episode_id, **wishes, publisher_transcript=st.session_state.get("again-publisher"))


def _publisher(episode: Episode) -> None:
    """Ask whether the publisher's transcript may be used, if there is one; a reader who has it now may want CastMind's."""
    extras = app.current().publisher_extras
    if extras.transcript(me(), episode.id) is None:
        return
    found = extras.provenance(me(), episode.id)
    own = found is not None and found[0].model == PUBLISHER
    options = ["never", "prefer"] if own else ["prefer", "never"]
    at = options.index(episode.publisher_transcript) if episode.publisher_transcript and not own else 0
    st.radio(t("fit.again"), options, at, format_func=lambda word: t(f"fit.again.{word}"), key="again-publisher")


def _delete(episode: Episode) -> None:
    st.markdown(t("episode.delete_sure", title=plain(episode.title)))

    def delete() -> None:
        # The library offers to undo it.
        if selecting.delete([episode.id], episode.title):
            dialogs.close(then="library/page.py")

    actions.button(t("episode.delete_now"), dialogs.closing(delete), type="primary", key="delete-now")
