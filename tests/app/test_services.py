"""The table of services: each part of CastMind, its name and its type."""

from __future__ import annotations

from typing import get_type_hints

from core import app
from core.app.services import SERVICES, Parts


def test_each_part_is_there_and_of_the_type_that_it_is_said_to_be(castmind: app.CastMind) -> None:
    hints = get_type_hints(Parts)
    assert {name: kind for name, kind in hints.items() if not isinstance(getattr(castmind, name), kind)} == {}
    assert {name for name, _ in SERVICES} <= hints.keys()


def test_a_service_is_named_once() -> None:
    names = [name for name, _ in SERVICES]
    assert len(names) == len(set(names))
