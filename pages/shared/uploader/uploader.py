"""The uploader: the browser sends files and folders to the API, never through Streamlit.

    audio ────▶ tus, /api/v1/uploads      ─┐ three at a time, in the tray (tray.py) ─▶ the page reruns with the new file
    backups ──▶ PUT /api/v1/backups/NAME  ─┘

This is the strip to choose them with. Their queue lives on `window`, so it continues when the reader turns to another page. After
a reload the server reports the unfinished uploads; when the same file is chosen again, its upload resumes.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import app
from pages.shared.component_source import source
from pages.text import error_texts, t
from pages.visitor import me

NAME = "castmind_uploader"
_SCRIPTS = ("pick.js", "hand_over.js", "uploader.js")
LABELS = (
    "again",
    "broken",
    "cancel",
    "cancel_all",
    "cancelled",
    "checking",
    "clear",
    "discard",
    "done",
    "drop",
    "drop_here",
    "folder",
    "hours",
    "known",
    "left",
    "lost",
    "many_added",
    "many_failed",
    "many_left_over",
    "many_moving",
    "many_unfinished",
    "minutes",
    "none_added",
    "one_added",
    "one_failed",
    "one_left_over",
    "one_moving",
    "one_unfinished",
    "overall",
    "pause",
    "paused",
    "pick",
    "resume",
    "seconds",
    "skipped",
    "too_large",
    "tray",
    "unfinished",
    "waiting",
)
# What the API can answer to an upload.
REFUSALS = (
    "backup_damaged",
    "backup_foreign",
    "backup_no_room",
    "backup_too_new",
    "backup_unsafe",
    "conflict",
    "database_busy",
    "database_gone",
    "database_unwritable",
    "disk_full",
    "empty_upload",
    "forbidden_origin",
    "internal",
    "invalid",
    "not_audio",
    "not_found",
    "restoring",
    "too_large",
    "too_many_uploads",
    "transient",
)
AUDIO = "audio/*,video/*,.m4a,.m4b,.mka,.mkv,.opus,.ogg,.oga,.flac,.aac,.wma,.amr,.ape,.caf,.aiff,.webm"


_component = st.components.v2.component(
    NAME,
    html=source(__file__, "uploader.html"),
    css=source(__file__, "uploader.css"),
    js=source(__file__, *_SCRIPTS),
)


def settings() -> dict[str, Any]:
    """Return the component's data, as JSON types."""
    return {
        "endpoint": "/api/v1/uploads",
        "client": "/api/v1/uploads/client.js",
        "resumable": True,
        "accept": AUDIO,
        "max_bytes": app.current().uploads.most_bytes(me()),
        "labels": {name: t(f"upload.{name}") for name in LABELS},
        # Received bytes are kept: this message differs from the one for waiting jobs.
        "errors": error_texts(*REFUSALS) | {"disk_full": t("upload.disk_full")},
    }


def backup_settings() -> dict[str, Any]:
    """Return the same for backups; free disk space limits their size, checked during the transfer."""
    own = {name: t(f"upload.backup.{name}") for name in ("drop", "pick", "done", "lost")}
    return {
        **settings(),
        "endpoint": "/api/v1/backups",
        "resumable": False,
        "own_drops": True,
        "accept": ".zip,application/zip",
        "max_bytes": None,
        "labels": {name: own.get(name) or t(f"upload.{name}") for name in LABELS},
        "errors": error_texts(*REFUSALS),
    }


def draw() -> None:
    """Draw the strip for sound. The page reruns when a file has become an episode."""
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key="uploader", data=[settings()])


def draw_for_backups() -> None:
    """Draw the strip for backups. The page reruns when one has arrived."""
    _component(key="uploader-backups", data=[backup_settings()])
