"""The services of accounts are part of the table of all, in an order in which each finds those it builds on."""

from __future__ import annotations

from typing import get_type_hints

from core.app.account_services import ACCOUNT_SERVICES, AccountParts
from core.app.services import SERVICES


def test_they_stand_in_the_table_of_all() -> None:
    names = [name for name, _ in ACCOUNT_SERVICES]
    assert [name for name, _ in SERVICES if name in names] == names
    assert set(names) == get_type_hints(AccountParts).keys()
