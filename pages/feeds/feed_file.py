"""Moving subscriptions: import a file of another program, and export one for another program.

file ─▶ checked at once: the number of feeds, those that may be queued ─▶ Import ─▶ castmind.imports
export ─▶ a link; URLs that seem to hold a personal key are included only on request
"""

from __future__ import annotations

import streamlit as st

from core import app
from core.domain.feeds.imports import Outlines
from core.errors import CastMindError
from pages.feeds import feed_work
from pages.feeds.feed_options import entered, wishes
from pages.shared import actions
from pages.shared.escape_markdown import plain
from pages.text import error_text, t
from pages.visitor import me


def draw() -> None:
    turn = st.session_state.setdefault("feeds.file.turn", 0)
    most = app.current().imports.most_bytes // 1_000_000
    chosen = st.file_uploader(
        t("feeds.file"), ["opml", "xml"], key=f"feeds.file.{turn}", help=t("feeds.file.help"), max_upload_size=most
    )
    if chosen is None:
        return
    body = chosen.getvalue()
    try:
        found = app.current().imports.look_into(me(), body)
    except CastMindError as error:
        st.error(plain(error_text(error.to_dict()), 600), icon=":material/error:")
        return
    _offer(chosen.name, body, found, turn)


def _offer(name: str, body: bytes, found: Outlines, turn: int) -> None:
    with st.form(f"feeds.file.form.{turn}"):
        st.markdown(f"**{t('feeds.file.found', n=f'{len(found.feeds):,}', name=plain(name, 120))}**")
        for words in _remarks(found):
            st.caption(words)
        wishes(_form(turn), 0, auto=app.current().settings.values.auto_transcribe, help=t("feeds.file.old"))
        go, icon = t("feeds.file.go"), ":material/move_to_inbox:"
        st.form_submit_button(go, type="primary", icon=icon, on_click=_begin, args=(name, body, turn))


def _form(turn: int) -> str:
    return f"feeds.file.{turn}"


def _begin(name: str, body: bytes, turn: int) -> None:
    def begin() -> None:
        wanted = entered(_form(turn))
        feed_work.imported(
            app.current().imports.add_opml(me(), body, name=name, auto_transcribe=wanted.auto, backlog=wanted.backlog)
        )

    if actions.attempt(begin):
        st.session_state["feeds.file.turn"] = turn + 1


def _remarks(found: Outlines) -> list[str]:
    words = []
    if found.repeated:
        words.append(t("feeds.file.repeated", n=found.repeated))
    if found.broken_at:
        words.append(f":material/warning: {t('feeds.file.broken', line=found.broken_at)}")
    return [*words, t("feeds.file.queue")]


def export() -> None:
    """Draw the export. Called if there are feeds."""
    keyed = app.current().imports.keyed(me())
    with st.popover(t("feeds.export"), icon=":material/download:"):
        st.caption(t("feeds.export.body"))
        st.link_button(t("feeds.export.go"), "/api/v1/opml", icon=":material/download:")
        if keyed:
            st.caption(t("feeds.export.keys.body", n=keyed))
            st.link_button(t("feeds.export.keys"), "/api/v1/opml?keys=true", icon=":material/key:")
