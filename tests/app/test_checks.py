"""The table of checks."""

from __future__ import annotations

from core import app
from core.app.checks import CHECKS
from core.domain.accounts.actor import OWNER


def test_each_check_is_in_the_report_but_those_of_what_is_not_set_up(castmind: app.CastMind) -> None:
    castmind._store.open()
    try:
        assert castmind.health()["checks"].keys() == CHECKS.keys() - {"replica"}
        castmind.settings.save(OWNER, "replica", True)
        assert castmind.health()["checks"].keys() == CHECKS.keys()
    finally:
        castmind._store.close()
