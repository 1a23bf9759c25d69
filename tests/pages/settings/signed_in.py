"""A page as somebody who is signed in sees it: the browser of a page's test has no cookies."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import Actor
from core.domain.accounts.user import User
from core.domain.accounts.visit import Visit
from core.store.accounts import users
from pages import visitor

PASSWORD = "correct horse battery"
HOME = Visit("192.168.1.20", "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")


def sign_in(castmind: CastMind, monkeypatch: pytest.MonkeyPatch, name: str = "admin", password: str = PASSWORD) -> Actor:
    """Sign in and have pages drawn as this user."""
    token, whole = castmind.sign_in.begin(name, password, HOME)
    assert whole
    found = castmind.sessions.who(token, HOME)
    assert found
    monkeypatch.setattr(visitor, "_sent", lambda: visitor.Visitor(found, "", ""))
    return found


def user_of(castmind: CastMind, user_id: int) -> User:
    return users.get(castmind.accounts._store.read(), user_id)
