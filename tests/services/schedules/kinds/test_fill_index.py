"""The search index is built anew by hand."""

from __future__ import annotations

from tests.services.schedules.kinds.conftest import Room


def test_it_is_built_anew(room: Room) -> None:
    room.episode("One")
    run = room.run_builtin("index")
    assert (run.outcome.value, run.did) == ("done", {"indexed": 1})
    assert room.app._tasks.listing("index")
