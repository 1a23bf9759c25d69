"""Who may do what, here and at publishers."""

from __future__ import annotations

from core.errors.tree import OutsideCondition, UserError


class BadAccess(UserError):
    """These credentials cannot be sent. Nothing was changed; check what you entered."""

    code = "bad_access"
    status = 422


class AccessRefused(UserError):
    """The server asks for a user and password, or does not take those that it was given. Nothing was fetched."""

    code = "access_refused"
    status = 422


class ForbiddenOrigin(UserError):
    """The request names a host or origin that this server does not serve."""

    code = "forbidden_origin"
    status = 403


class SettingLocked(UserError):
    """The setting is fixed by the environment and cannot be changed here."""

    code = "setting_locked"
    status = 409


class AccessLost(OutsideCondition):
    """The password of this feed cannot be read here: its key file is missing or another. Enter the password again."""

    code = "access_lost"
    status = 409
    retry_after = 3600.0
