"""The browser name in a cookie: it distinguishes browsers, identifies no person and grants no access."""

from __future__ import annotations

import re

COOKIE = "castmind_browser"
_NAME = re.compile(r"[0-9a-f]{32}")


def named(value: object) -> str:
    """Return the name in a cookie's value; "" if it is invalid. A made-up name is accepted as a browser of that name."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""
