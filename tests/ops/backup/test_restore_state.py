"""The state of a restore, as pages and routes show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BackupDamaged
from core.ops.backup.backups import Backups
from core.ops.backup.restore import Server
from tests.ops.backup.test_restore import restorer, tampered


def test_a_restore_can_be_watched(data: Path, backups: Backups) -> None:
    made = backups.create(media=False)
    phases: list[str] = []
    watched = restorer(data, Server(stop=lambda: phases.append(phase()), start=lambda: phases.append(phase())))

    def phase() -> str:
        state = watched.state()
        assert state and state.running
        return state.phase

    assert watched.state() is None
    watched.restore(made.name)
    assert phases == ["stopping", "starting"]
    state = watched.state()
    assert state and not state.running and state.error is None and state.result and state.done == state.total > 0
    with pytest.raises(BackupDamaged):
        tampered(made.path)
        watched.restore(made.name)
    state = watched.state()
    assert state and state.error and state.error.code == "backup_damaged"
