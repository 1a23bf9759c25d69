"""A household of accounts over a real store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.accounts.actor import Actor
from tests.accounts_fixture import HOME, Household


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path)
    yield made
    made.close()


@pytest.fixture
def owner(house: Household) -> Actor:
    """Set the first password; return the owner, signed in."""
    found = house.sessions.who(house.settle_in(), HOME)
    assert found
    return found
