"""What the list asks of the page: more rows, and the dialog for exports.

wish ─▶ act (callback) ─┬─▶ more
                        └─▶ export ─▶ a dialog of the whole page

All acts go from the browser to the HTTP API (shared/acts.js).
"""

from __future__ import annotations

import streamlit as st

from core import app
from core.domain.episodes.episode import Filter
from pages.library import episode_list
from pages.shared import background_tasks, dialogs, downloads
from pages.text import t
from pages.visitor import me


def act(wanted: Filter, pages_key: str) -> None:
    """Handle the list's request; this is its callback."""
    wish = episode_list.wish()
    if wish is None:
        return
    match wish.act:
        case "more":
            st.session_state[pages_key] = int(st.session_state.get(pages_key, 1)) + 1
        case "export":
            dialogs.ask("library.export", _ids(wish, wanted))


def go_on() -> None:
    """Do the work that a callback cannot: rerun the whole page for a dialog or a progress bar."""
    background_tasks.go_on()
    dialogs.go_on()


def ask() -> None:
    """Draw the dialog that an action opened, if any. The page calls this outside its live parts."""
    dialogs.draw("library.export", lambda _: t("library.export.title"), lambda ids: downloads.many(ids, key="library.export"))


def _ids(wish: episode_list.ListAction, wanted: Filter) -> list[int]:
    return list(wish.ids) if wish.ids is not None else app.current().bulk_actions.ids(me(), wanted)
