"""The two options of a feed: kept while the reader types, and set anew on demand."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.feeds import feed_options

pytestmark = pytest.mark.usefixtures("castmind")


def _page() -> None:
    import streamlit as st

    from pages.feeds import feed_options

    if st.session_state.pop("anew", False):
        feed_options.answer("feed.1", 0, auto=False)
    st.session_state["returned"] = feed_options.wishes("feed.1", 3, auto=True)


def test_what_was_typed_counts_until_it_is_answered_anew() -> None:
    page = AppTest.from_function(_page).run()
    assert page.session_state["returned"] == feed_options.Wishes(3, True)
    page.number_input(key="feed.1.backlog").set_value(7).run()
    page.toggle(key="feed.1.auto").set_value(False).run()
    assert page.session_state["returned"] == feed_options.Wishes(7, False)
    page.session_state["anew"] = True
    page.run()
    assert page.session_state["returned"] == feed_options.Wishes(0, False)


def test_an_emptied_number_means_no_old_episodes() -> None:
    page = AppTest.from_function(_page).run()
    page.session_state["feed.1.backlog"] = None
    assert page.run().session_state["returned"] == feed_options.Wishes(0, True)
    assert page.number_input(key="feed.1.backlog").max == feed_options.MOST_OLD
