"""Each built-in sweep runs over a real library, counts, and rests while the library has shrunk."""

from __future__ import annotations

import os

import pytest

from core.services.reading.waveforms import FOLDER
from core.services.schedules.builtin import BUILTIN
from core.services.schedules.kinds.sweep import Sweep
from tests.services.schedules.kinds.conftest import Room

SWEEPS = ("trash", "retention", "orphans", "covers", "exports", "removed_feeds", "waveforms")


@pytest.mark.parametrize("name", SWEEPS)
def test_a_library_without_anything_to_delete_stays_as_it_is(room: Room, name: str) -> None:
    run = room.run_builtin(name)
    assert (run.outcome.value, run.did) == ("done", {"deleted": 0}), run.error


def test_what_is_old_is_deleted_and_counted(room: Room) -> None:
    old, new = (room.app.data / FOLDER / name for name in ("old", "new"))
    old.parent.mkdir(exist_ok=True)
    for path in (old, new):
        path.write_bytes(b"")
    os.utime(old, (1.0, 1.0))
    assert room.run_builtin("waveforms").did == {"deleted": 1} and not old.exists() and new.exists()


def test_what_deletes_is_careful(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {kind.name: kind for kind in room.app._schedule_engine.kinds()}
    assert {name for name, kind in kinds.items() if kind.careful} == set(SWEEPS) - {"exports"}
    assert all(isinstance(kinds[name], Sweep) for name in SWEEPS) and {spec.kind for spec in BUILTIN.values()} <= kinds.keys()
    monkeypatch.setattr(room.app._schedule_engine, "_rests", lambda: True)
    assert [room.run_builtin(name).outcome.value for name in ("trash", "exports")] == ["skipped", "done"]
