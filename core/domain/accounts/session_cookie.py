"""The names of the cookie that holds a session's token."""

from __future__ import annotations

from collections.abc import Mapping

PLAIN = "castmind_session"
# Over https; browsers hold a cookie with this prefix to this very host and to https.
SECURE = "__Host-castmind_session"


def token_of(cookies: Mapping[str, str]) -> str:
    """Return the session token of a request's cookies; "" without one."""
    return cookies.get(SECURE) or cookies.get(PLAIN) or ""
