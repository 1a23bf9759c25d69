"""The effect of a button: one call into core, and one sentence about the result.

    click ─▶ attempt(call) ─▶ done ────▶ a short toast, if there is a message
                          ├─ error of a field ──▶ under the field, until its value changes: attempt(…, field=key), fault(key)
                          └─ any other error ───▶ a toast that stays until it is closed

A toast takes no room on the page, so nothing below it moves and the player is not remounted. A callback cannot draw: its messages
wait in the session, and `tell` shows them at the end of the page or of the live part that ran, because a rerun after that would
lose them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from core.domain.accounts.role import Role
from core.errors import CastMindError
from pages.shared.escape_markdown import plain
from pages.text import error_text
from pages.visitor import me

_WAITING, _FAULTS = "acting.said", "acting.faults"


def attempt(action: Callable[[], object], done: str = "", *, field: str = "") -> bool:
    """Run the action and return whether it succeeded. A CastMindError is kept for `tell`, or for `fault` if it is about a field,
    named by its widget's key; any other exception is a defect and propagates.
    """
    try:
        action()
    except CastMindError as error:
        words = plain(error_text(error.to_dict()), 1000)
        if field:
            st.session_state.setdefault(_FAULTS, {})[field] = (st.session_state.get(field), words)
        else:
            _say(words, ":material/error:")
        return False
    st.session_state.get(_FAULTS, {}).pop(field, None)
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
    needs: Role = Role.VIEWER,
) -> None:
    """Draw a button that attempts the action in its callback, before the rerun; none for a reader below the role it needs."""
    if needs > Role.VIEWER and me().role < needs:
        return

    def clicked() -> None:
        attempt(action, done)

    st.button(label, key=key, icon=icon, type=type, width=width, disabled=disabled, on_click=clicked)


def say(text: str) -> None:
    """Queue a success message for the next `tell`."""
    _say(text, ":material/check:")


def complain(text: str) -> None:
    """Queue an error message for the next `tell`; it stays until it is closed."""
    _say(text, ":material/error:")


def _say(text: str, icon: str) -> None:
    st.session_state.setdefault(_WAITING, []).append((text, icon))


def fault(field: str) -> None:
    """Draw the error of a field right below it, until its value changes. Call it after the widget."""
    value, words = st.session_state.get(_FAULTS, {}).get(field, (None, ""))
    if words and value == st.session_state.get(field):
        st.caption(f":red[:material/error: {words}]")


def tell() -> None:
    for text, icon in st.session_state.pop(_WAITING, []):
        st.toast(text, icon=icon, duration="infinite" if icon == ":material/error:" else "short")
