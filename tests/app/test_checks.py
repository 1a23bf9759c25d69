"""The table of checks."""

from __future__ import annotations

from core import app
from core.app.checks import CHECKS


def test_each_check_is_in_the_report(castmind: app.CastMind) -> None:
    castmind._store.open()
    try:
        assert castmind.health()["checks"].keys() == CHECKS.keys()
    finally:
        castmind._store.close()
