"""The reader of the pages, and their browser."""

from __future__ import annotations

import streamlit as st

from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.browser import COOKIE, named


def me() -> Actor:
    """Return the owner, in this browser. Outside a page's run (a test, a thread) the actor has no browser."""
    return Actor(OWNER.user_id, named(st.context.cookies.get(COOKIE)))
