"""A CastMind that is built and not started."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import app, settings


@pytest.fixture
def castmind(tmp_path: Path) -> app.CastMind:
    """Nothing is opened."""
    return app.CastMind(settings.load({}, environ={"CASTMIND_DATA_DIR": str(tmp_path), "CASTMIND_ENV": "test"}))
