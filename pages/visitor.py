"""The reader of the pages, and their browser."""

from __future__ import annotations

import threading

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.browser import COOKIE, named

# A run draws hundreds of texts, each in the reader's language, and Streamlit parses the cookies anew each time.
_run = threading.local()


def me() -> Actor:
    """Return the owner, in this browser. Outside a page's run (a test, a thread) the actor has no browser."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return _asked()
    if getattr(_run, "context", None) is not context:
        _run.actor, _run.context = _asked(), context
    actor: Actor = _run.actor
    return actor


def _asked() -> Actor:
    return Actor(OWNER.user_id, named(st.context.cookies.get(COOKIE)))
