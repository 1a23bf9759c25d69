"""A real store whose events are heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import events
from core.events import Event, SettingChanged
from core.store.db.database import Store
from core.store.db.sqlite import Database
from tests.new_database import new_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(new_database(tmp_path))
    made.open()
    yield made
    made.close()


@pytest.fixture
def heard(store: Store) -> list[Event]:
    found: list[Event] = []
    store.events.listen("test", found.append, Event)
    return found


def told(store: Store, heard: list[Event]) -> list[Event]:
    assert store.events.settle()
    return heard


def setting(number: int) -> SettingChanged:
    return SettingChanged(name=str(number))


def record(_db: Database, *numbers: int) -> None:
    for number in numbers:
        events.record(setting(number))
