"""The reader of the pages, and their browser."""

from __future__ import annotations

import threading

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.browser import COOKIE, named

# A run draws hundreds of texts, each in the reader's language, and Streamlit parses cookies and headers anew each time.
_run = threading.local()


def me() -> Actor:
    """Return the owner, in this browser. Outside a page's run (a test, a thread) the actor has no browser."""
    return _asked()[0]


def locale() -> str:
    """Return the language and region that the browser asks for: `zh-CN`; empty if it names none."""
    return _asked()[1]


def _asked() -> tuple[Actor, str]:
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return _sent()
    if getattr(_run, "context", None) is not context:
        _run.sent, _run.context = _sent(), context
    sent: tuple[Actor, str] = _run.sent
    return sent


def _sent() -> tuple[Actor, str]:
    return Actor(OWNER.user_id, named(st.context.cookies.get(COOKIE))), st.context.locale or ""
