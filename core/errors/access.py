"""Who may do what, here."""

from __future__ import annotations

from core.errors.tree import UserError


class ForbiddenOrigin(UserError):
    """The request names a host or origin that this server does not serve."""

    code = "forbidden_origin"
    status = 403


class SettingLocked(UserError):
    """The setting is fixed by the environment and cannot be changed here."""

    code = "setting_locked"
    status = 409
