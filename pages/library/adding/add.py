"""The button "Add", with one menu for every way to bring in audio.

    files, folder ─▶ the tray (uploader/tray.py)       podcast ─▶ the page of podcasts
    address ─▶ a sheet ─▶ POST /api/v1/episodes/import ─▶ trigger `added` ─▶ rerun
    record ─▶ trigger `asked` ─▶ a dialog (recorder.py), whose scripts load when it opens

What another app shares (frame/installable.py) opens the sheet with its address; one press adds it.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import app
from pages.library.adding import recorder
from pages.library.adding.shared_address import address_in
from pages.shared import dialogs
from pages.shared.component_source import component
from pages.shared.uploader.uploader import settings
from pages.text import error_texts, t

KEY = "library-add"
# What another app shares stands in these words of the URL; browsers put an address into any of them.
SHARED = ("share_url", "share_text", "share_title")
WAYS = ("files", "folder", "address", "record", "podcast")
_LABELS = ("open", *WAYS, "sheet", "send", "cancel", "added", "shared", "nothing_shared")
_ERRORS = (
    "bad_address",
    "conflict",
    "database_busy",
    "disk_full",
    "forbidden_origin",
    "internal",
    "invalid",
    "not_found",
    "restoring",
)
_SCRIPTS = ("shared/page.js", "shared/menu.js", "shared/uploader/pick.js", "shared/uploader/hand_over.js", "sheet.js", "add.js")
_RECORDER = "library.record"

_component = component("castmind_add", __file__, scripts=_SCRIPTS, styles=("shared/menu.css", "shared/messages.css", "add.css"))


def draw(*, files: bool) -> None:
    """Draw the button; `files`: also the ways to choose files, where the page has no strip for them."""
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(
        key=KEY,
        data=[data(files=files) | {"shared": _shared()}],
        on_asked_change=_asked,
        on_added_change=lambda: None,
        width="content",
    )


def ask() -> None:
    """Draw the dialog of the recorder, if it was asked for. The page calls this outside its live parts."""
    dialogs.draw(_RECORDER, lambda _: t("recorder"), lambda _: recorder.draw(dialogs.close))


def data(*, files: bool) -> dict[str, Any]:
    """Return the component's data where nothing is shared, as JSON types."""
    field = t("library.address_or_page") if app.current().ingest.reads_pages else t("library.address")
    texts = {name: t(f"library.add.{name}") for name in _LABELS} | {
        name: t(f"player.{name}") for name in ("no_connection", "went_wrong")
    }
    return {
        "ways": list(WAYS if files else WAYS[2:]),
        "uploads": settings(),
        "shared": None,
        "text": texts | {"field": field, "hint": "https://…", "close": t("library.close"), "errors": error_texts(*_ERRORS)},
    }


def _shared() -> str | None:
    """Return the address that another app shares: empty if there is none in what it shares; None if nothing is shared."""
    words = [st.query_params[name] for name in SHARED if name in st.query_params]
    return address_in(words) if words else None


def _asked() -> None:
    if st.session_state[KEY].get("asked"):
        dialogs.ask(_RECORDER)
