"""Who looks at the pages, and from which browser."""

from __future__ import annotations

import streamlit as st

from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.browser import COOKIE, named


def me() -> Actor:
    """The owner, in this browser. Outside of a page's run (a test, a thread) it is the owner in none."""
    return Actor(OWNER.user_id, named(st.context.cookies.get(COOKIE)))
