from __future__ import annotations

from pathlib import Path

import pytest

from core.ops.backup.backups import Backups
from tests.ops.backup import library


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A filled data folder."""
    folder = tmp_path / "data"
    library.fill(folder)
    return folder


@pytest.fixture
def backups(data: Path) -> Backups:
    return library.backups_of(data)
