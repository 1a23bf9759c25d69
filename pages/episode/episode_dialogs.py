"""Dialogs about an episode as a whole, opened by the menu of its head: downloads, transcribe again.

New notes are requested in the player instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import streamlit as st

from core import app
from core.domain.episodes.episode import Episode
from core.domain.transcripts.provenance import PUBLISHER
from pages.shared import actions, dialogs, downloads
from pages.text import t
from pages.text.spoken_languages import LANGUAGES
from pages.visitor import me

SPEECH_MODELS = ("large-v3-turbo", "large-v3", "medium", "small", "base", "tiny", "demo")
AS_SET = ""


def ask(name: str, episode_id: int) -> None:
    """Have the page open a dialog of NAMES about the episode. A callback may call it."""
    dialogs.ask(f"{name}.{episode_id}")


def draw(episode: Episode) -> None:
    """Draw the dialog that is asked for, if any. The page calls this outside its live parts."""
    for name, (title, body) in NAMES.items():
        dialogs.draw(f"{name}.{episode.id}", partial(_title, title), partial(_body, body, episode))


def _title(key: str, _: object) -> str:
    return t(key)


def _body(body: Callable[[Episode], None], episode: Episode, _: object) -> None:
    body(episode)


def _downloads(episode: Episode) -> None:
    downloads.one(episode, notes=app.current().library.notes(me(), episode.id) is not None)


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


# The dialogs by the names that the browser knows: the title's key, and the contents.
NAMES: dict[str, tuple[str, Callable[[Episode], None]]] = {
    "downloads": ("episode.downloads", _downloads),
    "again": ("episode.transcribe_again", _transcribe),
}
