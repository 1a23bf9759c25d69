"""The name by which a browser is told from others: it says nothing of a person and opens nothing."""

from __future__ import annotations

import re

COOKIE = "castmind_browser"
_NAME = re.compile(r"[0-9a-f]{32}")


def named(value: object) -> str:
    """The name in a cookie's value; "" for what is none. Who makes one up has a browser of that name."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""
