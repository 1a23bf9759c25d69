"""The server's half of acts.js: its texts, and the trigger that says that acts are settled.

    acts.js ─ fetch ─▶ HTTP API          all answered ─ trigger `changed` [{at, tasks}] ─▶ settled ─▶ rerun ─▶ data with `seen`

The data that a run sends were read after the act number `seen`, so the browser drops what it painted for it and earlier ones.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import app
from core.errors import NotFound
from pages.shared import background_tasks
from pages.shared.component_source import told
from pages.text import error_texts, language
from pages.text import texts as all_texts
from pages.visitor import me

_SEEN = "acts.seen"
# What the API can answer to an act.
_ERRORS = ("conflict", "database_busy", "disk_full", "forbidden_origin", "internal", "invalid", "not_found", "restoring")
_WORDS = {
    "no_connection": "player.no_connection",
    "went_wrong": "player.went_wrong",
    "queued": "state.queued",
    "cancelled": "state.cancelled",
    **{
        name: f"library.{name}"
        for name in ("not_done", "not_done_many", "count", "count_one", "changed", "changed_one", "skipped", "skipped_one")
    },
}


def texts() -> dict[str, Any]:
    """Return what acts.js says, with unfilled placeholders."""
    known = all_texts(language())
    return {name: known[key] for name, key in _WORDS.items()} | {"errors": error_texts(*_ERRORS)}


def seen() -> int:
    """Return the number of the last act that was settled before this run."""
    return int(st.session_state.get(_SEEN, 0))


def settled(key: str) -> None:
    """Take the trigger `changed` of the component `key`; this is its callback. The value comes from the browser, so its shape is
    checked.
    """
    match told(key, "changed"):
        case [{"at": int(number), "tasks": list(tasks)}] if all(type(task) is int for task in tasks):
            st.session_state[_SEEN] = number
            for task in tasks:
                _watch(task)


def _watch(task_id: int) -> None:
    try:
        background_tasks.watch(app.current().tasks.get(me(), task_id))
    except NotFound:
        return  # it has ended, and was forgotten in another window
