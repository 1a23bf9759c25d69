"""A filled data folder with its backups, the engine's fixtures, and a real server on its own port."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.ops.backup.backups import Backups
from tests.api.conftest import address, known_contract, services, shared_server
from tests.engine_fixtures import rig, store
from tests.ops.backup import library

__all__ = ["address", "known_contract", "rig", "services", "shared_server", "store"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A filled data folder."""
    folder = tmp_path / "data"
    library.fill(folder)
    return folder


@pytest.fixture
def backups(data: Path) -> Backups:
    return library.backups_of(data)
