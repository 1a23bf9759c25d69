"""How a run of the tests ended is kept beside the names of those that failed: scripts/second_try.py asks for both."""

from __future__ import annotations

import pytest

ENDED = "castmind/ended"


def _keep(config: pytest.Config, value: int | None) -> None:
    # Workers of pytest-xdist run this too, each for its share.
    cache = getattr(config, "cache", None)
    if cache is not None and not hasattr(config, "workerinput"):
        cache.set(ENDED, value)


def pytest_sessionstart(session: pytest.Session) -> None:
    _keep(session.config, None)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    _keep(session.config, int(exitstatus))
