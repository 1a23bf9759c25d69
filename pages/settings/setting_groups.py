"""The groups of the settings page by the role of the reader: own choices, a member's notifications, all of them for an admin."""

from __future__ import annotations

from core.domain.accounts.role import Role
from pages.visitor import me

OWN = ("pages", "accounts")
MEMBERS = (*OWN, "notifications")
ALL = ("pages", "accounts", "speech", "notes", "sources", "keeping", "notifications", "backup", "server")


def groups() -> tuple[str, ...]:
    """Return the groups that the reader may see."""
    role = me().role
    return ALL if role >= Role.ADMIN else MEMBERS if role >= Role.MEMBER else OWN
