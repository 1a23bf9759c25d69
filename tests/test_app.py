"""The tables of the composition root: each line of one makes, does or checks something of CastMind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

from core import app, settings
from core.app.checks import CHECKS
from core.app.chores import CHORES
from core.app.services import SERVICES, Parts


@pytest.fixture
def castmind(tmp_path: Path) -> Iterator[app.CastMind]:
    """Built, and not started: nothing is opened."""
    environ = {"CASTMIND_DATA_DIR": str(tmp_path), "CASTMIND_ENV": "test"}
    yield app.CastMind(settings.load({}, environ=environ))


def test_each_part_is_there_and_of_the_type_that_it_is_said_to_be(castmind: app.CastMind) -> None:
    hints = get_type_hints(Parts)
    assert {name: kind for name, kind in hints.items() if not isinstance(getattr(castmind, name), kind)} == {}
    assert {name for name, _ in SERVICES} <= hints.keys()


def test_a_service_is_named_once() -> None:
    names = [name for name, _ in SERVICES]
    assert len(names) == len(set(names))


def test_what_deletes_by_itself_is_careful() -> None:
    careful = {name for _, name, _, careful in CHORES if careful}
    assert careful == {
        "forget feeds that were removed",
        "empty the trash",
        "sweep covers",
        "sweep audio that no episode names",
        "let go of what is not kept",
    }
    assert len({name for _, name, _, _ in CHORES}) == len(CHORES)


def test_each_check_is_in_the_report(castmind: app.CastMind) -> None:
    castmind._store.open()
    try:
        assert castmind.health()["checks"].keys() == CHECKS.keys()
    finally:
        castmind._store.close()
