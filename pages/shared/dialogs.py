"""One dialog at a time, which stays open while the page behind it reruns: the reader's dialog is never closed under them.

    press ─▶ ask(name, subject) ─▶ kept in the session ─▶ draw(name, …), on each run of the page, until
                                   its cross, an answer, or a page that does not draw it: another page, another episode

The end of a live part reruns the whole page, and Streamlit closes a dialog that is not called again. The buttons of a dialog are
callbacks for the same reason: a click is carried out even if the page reruns at that moment.

    shell: begin ─▶ the page, with its `draw`s ─▶ end
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import streamlit as st

_ASKED, _DRAWN, _ANSWERED = "dialogs.asked", "dialogs.drawn", "dialogs.answered"
_numbers = count(1)


def begin() -> None:
    """Prepare a run. The shell calls this before each page."""
    st.session_state[_DRAWN] = None


def end() -> None:
    """Close a dialog that the page did not draw, so that it does not open on another page. Called after a complete run."""
    if st.session_state.get(_ASKED) != st.session_state.get(_DRAWN):
        close()


def ask(name: str, subject: Any = None) -> None:
    """Have the page open the dialog of that name, about the subject. A callback may call it."""
    st.session_state[_ASKED] = (name, subject, next(_numbers))


def go_on() -> None:
    """Rerun the page if a callback asked for a dialog. A live part calls this first: the page around it draws the dialog."""
    if st.session_state.get(_ASKED) != st.session_state.get(_DRAWN):
        st.rerun()


def close() -> None:
    """Close the open dialog. A callback may call it."""
    st.session_state[_ASKED] = None


def draw(name: str, title: Callable[[Any], str], body: Callable[[Any], None]) -> None:
    """Draw the dialog if it is asked for; `title` and `body` receive its subject. Not for use in a live part."""
    asked = st.session_state.get(_ASKED)
    if asked is None or asked[0] != name:
        return
    st.session_state[_DRAWN] = asked

    def inside() -> None:
        if st.session_state.get(_ASKED) != asked:
            st.rerun()
        body(asked[1])

    st.dialog(title(asked[1]), on_dismiss=close)(inside)()


def opener(label: str, body: Callable[[], None], *, key: str, icon: str, about: object = None, disabled: bool = False) -> None:
    """Draw a button that opens a dialog `about` an object: the same button on another object's page opens another dialog."""
    name = f"{key}.{about}"
    st.button(label, key=key, icon=icon, disabled=disabled, on_click=ask, args=(name,))
    draw(name, lambda _: label, lambda _: body())


def closing(action: Callable[[], object]) -> Callable[[], None]:
    """Wrap the action of a dialog's button: run it once, then close the dialog, even if the action raised.

    An action that returns False was refused for what a field holds: the dialog stays, with the error under the field.

    The action reads the entered values from the session: the click can arrive before the dialog is drawn with them.
    """
    number = (st.session_state.get(_ASKED) or (None, None, None))[2]

    def act() -> None:
        # The dialog stays visible until the run without it arrives: a second click repeats the first and is ignored.
        if number is not None and st.session_state.get(_ANSWERED) == number:
            return
        st.session_state[_ANSWERED] = number
        stays = False
        try:
            stays = action() is False
        finally:
            if stays:
                st.session_state[_ANSWERED] = None
            else:
                close()

    return act
