"""What a button does: one call into core, and one sentence about how it went.

    click ─▶ attempt(call) ─▶ done ────▶ a short toast, if there is something to say
                          └─ error ──▶ a toast that stays until it is closed

A toast takes no room on the page, so nothing below it moves and the player is not remounted. A callback cannot draw:
what it has to say waits in the session, and `tell` says it, last thing on the page or in the live part that ran: what is
told and then drawn anew would be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from core.errors import CastMindError
from pages.shared.escape_markdown import plain
from pages.text import error_text

_WAITING = "acting.said"


def attempt(action: Callable[[], object], done: str = "") -> bool:
    """Runs the action; whether it went well. Errors for people are kept for `tell`, others are defects and fly on."""
    try:
        action()
    except CastMindError as error:
        _say(plain(error_text(error.to_dict()), 1000), ":material/error:")
        return False
    if done:
        _say(done, ":material/check:")
    return True


def button(
    label: str,
    action: Callable[[], object],
    *,
    key: str,
    icon: str | None = None,
    type: Literal["primary", "secondary", "tertiary"] = "secondary",
    width: Literal["stretch", "content"] = "content",
    disabled: bool = False,
    done: str = "",
) -> None:
    """A button that attempts the action, before the page is drawn again."""

    def clicked() -> None:
        attempt(action, done)

    st.button(label, key=key, icon=icon, type=type, width=width, disabled=disabled, on_click=clicked)


def say(text: str) -> None:
    """Something that went well, told by the next `tell`."""
    _say(text, ":material/check:")


def complain(text: str) -> None:
    """Something that went wrong; it stays until it is closed."""
    _say(text, ":material/error:")


def _say(text: str, icon: str) -> None:
    st.session_state.setdefault(_WAITING, []).append((text, icon))


def tell() -> None:
    for text, icon in st.session_state.pop(_WAITING, []):
        st.toast(text, icon=icon, duration="infinite" if icon == ":material/error:" else "short")
