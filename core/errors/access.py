"""Who may do what, here."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors.tree import Conflict, UserError


class ForbiddenOrigin(UserError):
    """The request names a host or origin that this server does not serve."""

    code = "forbidden_origin"
    status = 403


class SettingLocked(UserError):
    """The setting is fixed by the environment and cannot be changed here."""

    code = "setting_locked"
    status = 409


class SecretsUnreadable(Conflict):
    """Some secrets cannot be opened with the key of this data folder."""

    code = "secrets_unreadable"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"No key in the data folder opens {'; '.join(names)}. Nothing was changed. Put the key back that sealed them, or "
            "enter them again; with --leave-unreadable all others get the new key.",
            count=len(names),
        )
