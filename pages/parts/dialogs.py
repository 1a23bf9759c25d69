"""One dialog at a time, that stays open while the page behind it is drawn anew: what is being read in it is not taken away.

    press ─▶ ask(name, subject) ─▶ kept in the session ─▶ draw(name, …), each time the page is drawn, until
                                        its cross, `close`, another page or another episode

A live part that ends draws the whole page, and Streamlit closes a dialog that is not called again. The buttons of a dialog are
callbacks for the same reason: a press on one is carried out even if the page is drawn anew at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

_ASKED, _NEW, _PLACE, _THEN = "dialogs.asked", "dialogs.new", "dialogs.place", "dialogs.then"


def begin(place: str) -> None:
    """To be called before each page, with what tells it from others: a dialog does not go along to another."""
    if st.session_state.get(_PLACE) != place:
        close()
        st.session_state[_PLACE] = place
    _go_on()


def ask(name: str, subject: Any = None) -> None:
    """Has the page open the dialog of that name, about the subject. A callback may call it."""
    st.session_state[_ASKED] = (name, subject)
    st.session_state[_NEW] = True


def go_on() -> None:
    """To be called first thing by a live part whose callbacks ask: the dialog is drawn by the page around it."""
    if st.session_state.get(_NEW):
        st.rerun()


def close(then: str | None = None) -> None:
    """Closes what is open, and turns to the page `then`. A callback may call it."""
    st.session_state.pop(_ASKED, None)
    st.session_state.pop(_NEW, None)
    if then:
        st.session_state[_THEN] = then


def draw(name: str, title: Callable[[Any], str], body: Callable[[Any], None]) -> None:
    """The dialog, if it is asked for; `title` and `body` are given its subject. Not in a live part."""
    asked = st.session_state.get(_ASKED)
    if asked is None or asked[0] != name:
        return
    st.session_state.pop(_NEW, None)

    def inside() -> None:
        if st.session_state.get(_ASKED) != asked:
            _go_on()
            st.rerun()
        body(asked[1])

    st.dialog(title(asked[1]), on_dismiss=close)(inside)()


def opener(label: str, body: Callable[[], None], *, key: str, icon: str, disabled: bool = False) -> None:
    """A button that opens a dialog of the same name."""
    st.button(label, key=key, icon=icon, disabled=disabled, on_click=ask, args=(key,))
    draw(key, lambda _: label, lambda _: body())


def closing(action: Callable[[], object]) -> Callable[[], None]:
    """For a button of a dialog: the action, and then the dialog closes, however it went.

    The action reads what was entered from the session: the press can come before the dialog is drawn with it.
    """

    def act() -> None:
        try:
            action()
        finally:
            close()

    return act


def _go_on() -> None:
    then = st.session_state.pop(_THEN, None)
    if then:
        st.switch_page(then)
