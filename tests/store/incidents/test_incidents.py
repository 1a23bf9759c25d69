"""The table of incidents."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from core.domain.dependencies import Ability, Effect
from core.domain.incident import AutomaticDeed, Cause, Incident
from core.errors import NotFound
from core.store.db.database import Store
from core.store.incidents import incidents
from tests.new_database import new_database

FOUND = Incident(
    0, 10.0, None, (Cause("ollama", "absent", 10.0),), {Ability.NOTES: Effect.LESS}, (AutomaticDeed("restarted", 11.0, 2),)
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(new_database(tmp_path))
    made.open()
    yield made
    made.close()


def put(store: Store, incident: Incident, *log: str) -> Incident:
    return store.write(partial(incidents.put, incident=incident, log=log))


def test_an_incident_is_stored_and_changed(store: Store) -> None:
    assert incidents.newest(store.read()) is None
    stored = put(store, FOUND, "a line")
    assert stored.id and incidents.get(store.read(), stored.id) == (stored, ["a line"])
    closed = Incident(stored.id, 10.0, 20.0, stored.causes, stored.effects, stored.deeds)
    assert (
        put(store, closed) == closed and incidents.listing(store.read()) == [closed] and incidents.newest(store.read()) == closed
    )
    with pytest.raises(NotFound):
        incidents.get(store.read(), 99)


def test_only_the_latest_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incidents, "MOST", 3)
    ids = [put(store, FOUND).id for _ in range(5)]
    assert [each.id for each in incidents.listing(store.read())] == ids[:1:-1]
