"""The button "Add", with one menu for every way to bring in audio.

    files, folder ─▶ the tray (uploader/tray.py)       podcast ─▶ the page of podcasts
    address ─▶ a sheet ─▶ POST /api/v1/episodes/import ─▶ trigger `added` ─▶ rerun
    record ─▶ trigger `asked` ─▶ a dialog (recorder.py), whose scripts load when it opens

What another app shares (frame/share_target.py) is told: files that were taken in, and those that were not. An address opens the
sheet; one press adds it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from core import app
from core.errors import NotFound
from pages.library.adding import recorder
from pages.library.adding.shared_address import address_in
from pages.shared import dialogs
from pages.shared.component_source import component, told
from pages.shared.uploader.uploader import settings
from pages.text import error_text, error_texts, t
from pages.visitor import me

KEY = "library-add"
# What another app shares stands in these words of the URL; apps put an address into any of the first three.
SHARED = ("share_url", "share_text", "share_title")
# As many things as one share holds (core/sources/uploads/form_files.py).
MOST_TOLD = 100
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
_SCRIPTS = (
    *("shared/page.js", "shared/menu.js", "shared/sheet.js", "shared/uploader/pick.js", "shared/uploader/hand_over.js"),
    *("sheet.js", "add.js"),
)
_RECORDER = "library.record"

_STYLES = ("shared/menu.css", "shared/messages.css", "shared/sheet.css", "add.css")

_component = component("castmind_add", __file__, scripts=_SCRIPTS, styles=_STYLES)


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


def _shared() -> dict[str, Any] | None:
    """Return `{address, told}` for what another app shares; None if nothing is. `address`: empty if there is none in texts, None
    without texts; `told`: what became of files.
    """
    asked = st.query_params
    words = [asked[name] for name in SHARED if name in asked]
    told = [
        *_added(asked.get_all("share_added")[:MOST_TOLD]),
        *map(_refused, asked.get_all("share_refused")[:MOST_TOLD]),
        *_more(asked.get("share_more", "")),
    ]
    return {"address": address_in(words) if words else None, "told": told} if words or told else None


def _added(ids: list[str]) -> list[str]:
    titles = []
    for each in ids:
        # OverflowError: SQLite knows no number as large.
        with suppress(NotFound, ValueError, OverflowError):
            titles.append(app.current().library.title(me(), int(each)))
    if len(titles) == 1:
        return [t("library.add.file_added", title=titles[0])]
    return [t("library.add.files_added", n=len(titles))] if titles else []


def _refused(said: str) -> str:
    what, _, name = said.partition(":")
    code, _, case = what.partition(".")
    why = error_text({"code": code, "params": {"case": case}})
    return t("library.add.file_refused", name=name[:120], why=why) if name else why


def _more(count: str) -> list[str]:
    return [t("library.add.more_refused", n=int(count))] if count.isdecimal() and 0 < int(count[:9]) <= MOST_TOLD else []


def _asked() -> None:
    if told(KEY, "asked"):
        dialogs.ask(_RECORDER)
