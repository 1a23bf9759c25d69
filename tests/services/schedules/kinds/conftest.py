"""A CastMind at rest whose schedules run at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core import app, settings
from core.domain.accounts.actor import OWNER
from core.domain.schedules.schedule import ScheduleRun
from core.store.library import episodes
from tests.new_database import new_database


class Room:
    """Runs schedules of a real CastMind, whose threads do not run."""

    def __init__(self, castmind: app.CastMind) -> None:
        self.app = castmind
        self.store = castmind._store

    def run(self, kind: str, **values: Any) -> ScheduleRun:
        """Add a schedule and run it; return its run once it has ended."""
        return self.run_row(self.app.schedules.create(OWNER, kind, "0 3 * * *", **values).schedule.id)

    def run_builtin(self, name: str) -> ScheduleRun:
        rows = self.app.schedules.listing(OWNER)
        return self.run_row(next(row.schedule.id for row in rows if row.schedule.builtin == name))

    def run_row(self, schedule_id: int) -> ScheduleRun:
        run = self.app.schedules.run(OWNER, schedule_id)
        if run.task_id is not None:
            self.app._tasks.wait(run.task_id)
            self.app._schedule_engine.step()
        return self.app.schedules.runs(OWNER, schedule_id)[0]

    def episode(self, title: str, **columns: Any) -> int:
        values = {"title": title, "source": "upload"} | columns
        return self.store.write(partial(episodes.add, values=values, now=1000.0))


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    environ = {"CASTMIND_DATA_DIR": str(tmp_path), "CASTMIND_ENV": "test", "CASTMIND_ALLOWED_PRIVATE_HOSTS": "127.0.0.1"}
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    castmind = app.CastMind(settings.load({}))
    for name in app.FOLDERS:
        (tmp_path / name).mkdir()
    new_database(tmp_path)
    monkeypatch.setattr(castmind._schedule_engine, "_hand_out", lambda _, run: run(lambda: None))
    castmind._open()
    castmind._tasks.start()
    yield Room(castmind)
    castmind._tasks.stop()
    castmind._fetcher.close()
    castmind._store.close()
