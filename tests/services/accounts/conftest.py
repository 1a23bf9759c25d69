from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.accounts_fixture import Household


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    """A household in which nobody has a password yet."""
    made = Household(tmp_path)
    yield made
    made.close()
