"""The reader of the pages, and their browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.browser import COOKIE, named

# A run draws hundreds of texts, each in the reader's language, and Streamlit parses cookies and headers anew each time.
_run = threading.local()


@dataclass(frozen=True, slots=True)
class Visitor:
    """`locale`: language and region, `zh-CN`; `zone`: a name of the IANA database. Both are empty if the browser names none."""

    actor: Actor
    locale: str
    zone: str


def me() -> Actor:
    """Return the owner, in this browser. Outside a page's run (a test, a thread) the actor has no browser."""
    return _visitor().actor


def locale() -> str:
    return _visitor().locale


def zone_name() -> str:
    return _visitor().zone


@contextmanager
def answering(cookie: object, locale: str, zone: str) -> Iterator[None]:
    """Take the reader of a plain request, for what this thread does meanwhile. `cookie`: the browser's name in it."""
    _run.asking = Visitor(Actor(OWNER.user_id, named(cookie)), locale, zone)
    try:
        yield
    finally:
        _run.asking = None


def _visitor() -> Visitor:
    asking: Visitor | None = getattr(_run, "asking", None)
    if asking is not None:
        return asking
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return _sent()
    if getattr(_run, "context", None) is not context:
        _run.sent, _run.context = _sent(), context
    sent: Visitor = _run.sent
    return sent


def _sent() -> Visitor:
    said = st.context
    return Visitor(Actor(OWNER.user_id, named(said.cookies.get(COOKIE))), said.locale or "", said.timezone or "")
