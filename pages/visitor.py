"""The reader of the pages, and their browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import app
from core.domain.accounts import session_cookie
from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.browser import COOKIE, named
from core.domain.accounts.role import Role
from core.errors import SignInNeeded

# A run draws hundreds of texts, each in the reader's language, and Streamlit parses cookies and headers anew each time.
_run = threading.local()


@dataclass(frozen=True, slots=True)
class Visitor:
    """`locale`: language and region, `zh-CN`; `zone`: a name of the IANA database. Both are empty if the browser names none."""

    actor: Actor
    locale: str
    zone: str


def me() -> Actor:
    """Return the reader, in this browser; the owner while no login is required. Outside a page's run there is no browser.

    Raises SignInNeeded once the session has ended: each run of a page asks for its row.
    """
    return _visitor().actor


def may_edit() -> bool:
    """Return whether the reader may change what everybody sees. Pages leave out what the services would refuse."""
    return me().role >= Role.MEMBER


def is_admin() -> bool:
    return me().role >= Role.ADMIN


def locale() -> str:
    return _visitor().locale


def zone_name() -> str:
    return _visitor().zone


@contextmanager
def answering(actor: Actor, locale: str, zone: str) -> Iterator[None]:
    """Take the actor of a plain request as the reader, for what this thread does meanwhile."""
    _run.asking = Visitor(actor, locale, zone)
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
    # A thread draws a page several times; each run begins with new cursors.
    if getattr(_run, "cursors", None) is not context.cursors:
        _run.sent, _run.cursors = _sent(), context.cursors
    sent: Visitor = _run.sent
    return sent


def _sent() -> Visitor:
    said = st.context
    return Visitor(_actor(said.cookies), said.locale or "", said.timezone or "")


def _actor(cookies: Mapping[str, str]) -> Actor:
    """Return who holds the session of these cookies. Without a login, the gate has let the page in as the owner's."""
    castmind, browser = app.current(), named(cookies.get(COOKIE))
    if not castmind.front_door.needs_password:
        return replace(OWNER, browser=browser, how="open")
    found = castmind.sessions.who(session_cookie.token_of(cookies))
    if found is None:
        raise SignInNeeded()
    return replace(found, browser=browser)
