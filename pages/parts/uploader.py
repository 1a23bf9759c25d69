"""The uploader: files dropped or picked are streamed by the browser to the API, never through Streamlit.

    audio ────▶ POST /api/v1/episodes     ─┐ uploader.js, two at a time ─▶ trigger `finished` ─▶ the page runs again, with it
    backups ──▶ PUT /api/v1/backups/NAME  ─┘

The transfers live on `window`, so they go on when the reader turns to another page, and are there again on return.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import streamlit as st

from core import app
from pages.text import has, language, t

NAME = "castmind_uploader"
LABELS = ("drop", "pick", "waiting", "sending", "checking", "done", "known", "cancelled", "cancel", "clear", "lost", "too_large")
REFUSALS = (
    "not_audio",
    "empty_upload",
    "too_large",
    "disk_full",
    "forbidden_origin",
    "invalid",
    "internal",
    "transient",
    "backup_foreign",
    "backup_damaged",
    "backup_unsafe",
    "backup_too_new",
)
AUDIO = "audio/*,video/*,.m4a,.m4b,.mka,.mkv,.opus,.ogg,.oga,.flac,.aac,.wma,.amr,.ape,.caf,.aiff,.webm"


def _source(suffix: str) -> str:
    return Path(__file__).with_name(f"uploader.{suffix}").read_text(encoding="utf-8")


_component = st.components.v2.component(NAME, html=_source("html"), css=_source("css"), js=_source("js"))


def _refusals() -> Iterable[tuple[str, str]]:
    """Translations by error code. English readers get the server's own words, which name the file."""
    return ((code, t(f"error.{code}")) for code in REFUSALS if language() != "en" and has(f"error.{code}"))


def settings() -> dict[str, Any]:
    """What the component is given, as JSON types."""
    return {
        "endpoint": "/api/v1/episodes",
        "method": "POST",
        "accept": AUDIO,
        "max_bytes": app.current().arrivals.receive_limits()[1],
        "labels": {name: t(f"upload.{name}") for name in LABELS},
        "refusals": dict(_refusals()),
    }


def backup_settings() -> dict[str, Any]:
    """The same for backups; how large one may be, the disk decides while it arrives."""
    own = {"drop": t("upload.backup.drop"), "pick": t("upload.backup.pick"), "done": t("upload.backup.done")}
    return {
        **settings(),
        "endpoint": "/api/v1/backups",
        "method": "PUT",
        "accept": ".zip,application/zip",
        "max_bytes": None,
        "labels": {name: own.get(name) or t(f"upload.{name}") for name in LABELS},
    }


def draw(*, compact: bool = False) -> None:
    """Draws the uploader. The page runs again when a file has become an episode."""
    # In a list: a dictionary would be searched for data frames, and that loads pandas for good.
    _component(key="uploader", data=[settings() | {"compact": compact}], on_finished_change=lambda: None)


def draw_for_backups() -> None:
    """Draws the uploader for backups. The page runs again when one has arrived."""
    _component(key="uploader-backups", data=[backup_settings()], on_finished_change=lambda: None)
