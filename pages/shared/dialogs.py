"""One dialog at a time, that stays open while the page behind it is drawn anew: what is being read in it is not taken away.

    press ─▶ ask(name, subject) ─▶ kept in the session ─▶ draw(name, …), each time the page is drawn, until
                                   its cross, an answer, or a page that does not draw it: another page, another episode

A live part that ends draws the whole page, and Streamlit closes a dialog that is not called again. The buttons of a dialog are
callbacks for the same reason: a press on one is carried out even if the page is drawn anew at that moment.

    shell: begin ─▶ the page, with its `draw`s ─▶ end
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import streamlit as st

_ASKED, _DRAWN, _ANSWERED, _THEN = "dialogs.asked", "dialogs.drawn", "dialogs.answered", "dialogs.then"
_numbers = count(1)


def begin() -> None:
    """To be called before each page."""
    st.session_state[_DRAWN] = None
    _turn()


def end() -> None:
    """To be called when a page was drawn to its end: a dialog that is not of this page does not wait for another."""
    if st.session_state.get(_ASKED) != st.session_state.get(_DRAWN):
        close()


def ask(name: str, subject: Any = None) -> None:
    """Has the page open the dialog of that name, about the subject. A callback may call it."""
    st.session_state[_ASKED] = (name, subject, next(_numbers))


def go_on() -> None:
    """To be called first thing by a live part whose callbacks ask: the dialog is drawn by the page around it."""
    if st.session_state.get(_ASKED) != st.session_state.get(_DRAWN):
        st.rerun()


def close(then: str | None = None) -> None:
    """Closes what is open, and turns to the page `then`. A callback may call it."""
    st.session_state[_ASKED] = None
    if then:
        st.session_state[_THEN] = then


def draw(name: str, title: Callable[[Any], str], body: Callable[[Any], None]) -> None:
    """The dialog, if it is asked for; `title` and `body` are given its subject. Not in a live part."""
    asked = st.session_state.get(_ASKED)
    if asked is None or asked[0] != name:
        return
    st.session_state[_DRAWN] = asked

    def inside() -> None:
        if st.session_state.get(_ASKED) != asked:
            _turn()
            st.rerun()
        body(asked[1])

    st.dialog(title(asked[1]), on_dismiss=close)(inside)()


def opener(label: str, body: Callable[[], None], *, key: str, icon: str, about: object = None, disabled: bool = False) -> None:
    """A button that opens a dialog `about` something: the same button of another page is not meant."""
    name = f"{key}.{about}"
    st.button(label, key=key, icon=icon, disabled=disabled, on_click=ask, args=(name,))
    draw(name, lambda _: label, lambda _: body())


def closing(action: Callable[[], object]) -> Callable[[], None]:
    """For a button of a dialog: the action, once, and then the dialog closes, however it went.

    The action reads what was entered from the session: the press can come before the dialog is drawn with it.
    """
    number = (st.session_state.get(_ASKED) or (None, None, None))[2]

    def act() -> None:
        # The dialog is still to be seen until the page without it has come: a second press means the first.
        if number is not None and st.session_state.get(_ANSWERED) == number:
            return
        st.session_state[_ANSWERED] = number
        try:
            action()
        finally:
            close()

    return act


def _turn() -> None:
    then = st.session_state.pop(_THEN, None)
    if then:
        st.switch_page(then)
