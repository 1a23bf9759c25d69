"""The task that examines: it tells how far it is, and keeps its result."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.background.tasks import Tasks
from core.domain.jobs.job import State
from core.ops.doctor import examinations
from core.ops.doctor.examinations import Examination
from core.ops.doctor.finding import Finding, Patient, fine
from core.ops.doctor.service.doctor_task import DoctorTask
from core.store.db.database import Store


@pytest.fixture
def tasks(filled: Patient) -> Iterator[Tasks]:
    store = Store(filled.database)
    store.open()
    made = Tasks(store)
    yield made
    made.stop()
    store.close()


def test_its_result_is_kept_with_its_time(tasks: Tasks, filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    table = (Examination("feeds", "library", lambda _: [fine("feeds.fine")]),)
    monkeypatch.setattr(examinations.examine, "__kwdefaults__", examinations.examine.__kwdefaults__ | {"examinations": table})
    kept: list[tuple[float, list[Finding]]] = []
    tasks.register(DoctorTask(lambda: filled, lambda at, found: kept.append((at, found))))
    tasks.start()
    ended = tasks.wait(tasks.begin(DoctorTask.name, {}).id)
    assert (ended.state, ended.done, ended.total) == (State.DONE, 1, 1)
    assert kept == [(filled.now, [fine("feeds.fine").found_by("feeds")])]
    # What it found names paths of this computer, and every user may list tasks.
    assert dict(ended.detail) == {}
