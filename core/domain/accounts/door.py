"""Decide what a request without a session meets: the app, the sign-in page or the set-up page.

a password is set ─────────────────────────────────────────────────▶ sign in
none, open_without_login = anyone ─────────────────────────────────▶ open
none, loopback: the port is published on this computer alone,
                and the request comes from it, through no proxy ───▶ open
all else ──────────────────────────────────────────────────────────▶ set up: the first password, with a code from the log
"""

from __future__ import annotations

from typing import Literal

from core.domain.exposure import Exposure

OpenWithoutLogin = Literal["loopback", "anyone", "nobody"]
Door = Literal["open", "sign_in", "set_up"]


def door(*, password: bool, rule: OpenWithoutLogin, exposure: Exposure, near: bool) -> Door:
    """Return the door. `password`: any user has one; `near`: the request itself comes from this computer."""
    if password:
        return "sign_in"
    if rule == "anyone":
        return "open"
    return "open" if rule == "loopback" and exposure == "local" and near else "set_up"
