"""The progress of a restore: beside the backups, and alone on every page while the library is closed.

restore state ─▶ phase, bytes ─▶ result: the restored contents, and how to undo it | error: the previous library is back
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import error_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.ops.backup.restore_state import RestoreResult, RestoreState

LOOK_SECONDS = 1.0
SHOWN_SECONDS = 3600.0
_SEEN = "restoring.seen"


def library_is_away() -> bool:
    """Return whether pages cannot read the library: its parts are stopped, and its files change."""
    restore = app.current().backups.restore_state(me())
    return bool(restore and restore.running) and not app.current().ready


def draw() -> None:
    """Draw the restore's progress in place of any page; the requested page appears by itself afterwards."""

    @st.fragment(run_every=LOOK_SECONDS)
    def part() -> None:
        if app.current().ready:
            st.rerun()
        st.header(t("restoring.title"), anchor=False)
        tell(app.current().backups.restore_state(me()))
        st.caption(t("restoring.body"))

    part()


def tell(state: RestoreState | None) -> None:
    """Show the running restore, or for an hour the last one, until the reader dismisses it."""
    if state is None:
        return
    if state.running:
        known = state.phase == "unpacking" and state.total > 0
        text = [t(f"restoring.phase.{state.phase}")]
        if known:
            text.append(f"{formats.size(state.done)} / {formats.size(state.total)}")
        st.progress(state.done / state.total if known else _share(state.phase), text=" · ".join(text))
    elif _is_news(state):
        if state.error:
            st.error(t("restoring.failed", error=plain(error_text(state.error.to_dict()), 1000)), icon=":material/error:")
        elif state.result:
            st.success(_came_back(state.result), icon=":material/check_circle:")
        actions.button(t("restoring.seen"), lambda: st.session_state.update({_SEEN: state.finished_at}), key="restoring.seen")


def _is_news(state: RestoreState) -> bool:
    ended = state.finished_at or 0.0
    return time.time() - ended < SHOWN_SECONDS and st.session_state.get(_SEEN) != ended


def _share(phase: str) -> float:
    """Return the bar's value for phases without a byte count: empty before the unpacking, full after it."""
    return 0.0 if phase == "checking" else 1.0


def _came_back(result: RestoreResult) -> str:
    words = [t("restoring.done", episodes=result.counts["episodes"], feeds=result.counts["feeds"])]
    if result.fetched_again:
        words.append(t("restoring.fetched_again", n=result.fetched_again))
    if result.restore_point:
        words.append(t("restoring.undo", name=plain(result.restore_point)))
    if result.kept:
        words.append(t("restoring.kept", name=plain(result.kept)))
    return " ".join(words)
