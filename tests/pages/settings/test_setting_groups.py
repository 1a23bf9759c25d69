"""The groups of the settings page by the role of the reader."""

from __future__ import annotations

import pytest

from core.domain.accounts.actor import Actor
from core.domain.accounts.role import Role
from pages import visitor
from pages.settings.setting_groups import ALL, groups


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.VIEWER, ("pages", "accounts")),
        (Role.MEMBER, ("pages", "accounts", "notifications")),
        (Role.ADMIN, ALL),
    ],
)
def test_what_each_role_sees(role: Role, seen: tuple[str, ...]) -> None:
    with visitor.answering(Actor(2, role=role), "", ""):
        assert groups() == seen
