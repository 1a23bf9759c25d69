"""The line that says why heavy work rests and until when, with a button to go on; nothing while it does not."""

from __future__ import annotations

import time

import streamlit as st

from core import app
from core.domain.accounts.role import Role
from core.domain.schedules.quiet_hours import Quiet
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import message_text, t
from pages.visitor import me


def draw(key: str) -> None:
    now = app.current().quiet_hours.now(me())
    if now is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"resting-{key}"):
        st.markdown(f":material/schedule: {words(now)}", width="content")
        actions.button(
            t("quiet.resume"),
            lambda: app.current().quiet_hours.resume(me()),
            key=f"resume.{key}",
            icon=":material/play_arrow:",
            needs=Role.MEMBER,
        )


def words(now: Quiet) -> str:
    """Return one sentence of Markdown."""
    why = plain(message_text(now.why), 200)
    if now.until is None:
        return t("quiet.rests", why=why)
    return t("quiet.rests_until", why=why, time=formats.lately(now.until, time.time()))
