"""The doctor for pages and routes."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from io import BytesIO

import pytest

from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.errors import Conflict
from core.ops.doctor import examinations
from core.ops.doctor.examinations import Examination
from core.ops.doctor.finding import Finding, Patient, bad
from core.ops.doctor.service.doctor_service import DoctorService
from core.store.db.database import Store

TABLE = tuple(each for each in examinations.EXAMINATIONS if each.name in ("permissions", "secrets"))


class Rig:
    def __init__(self, patient: Patient) -> None:
        self.store = Store(patient.database)
        self.store.open()
        self.tasks = Tasks(self.store)
        self.rebuilt = 0
        self.doctor = DoctorService(self.tasks, lambda: patient, rebuild_index=self.rebuild)
        self.tasks.register(self.doctor.task_kind())
        self.tasks.start()

    def rebuild(self) -> None:
        self.rebuilt += 1

    def examined(self) -> tuple[Finding, ...]:
        self.tasks.wait(self.doctor.start(OWNER).id)
        found = self.doctor.result(OWNER)
        assert found is not None
        return found.findings


@pytest.fixture
def rig(filled: Patient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    kwdefaults = examinations.examine.__kwdefaults__
    monkeypatch.setattr(examinations.examine, "__kwdefaults__", kwdefaults | {"examinations": TABLE})
    (filled.data / "secret.key").write_text("key")
    (filled.data / "secret.key").chmod(0o644)
    made = Rig(filled)
    yield made
    made.tasks.stop()
    made.store.close()


def test_a_result_stays_until_the_next(rig: Rig) -> None:
    assert rig.doctor.result(OWNER) is None and rig.doctor.running(OWNER) is None
    assert {each.fix for each in rig.examined() if each.fix} == {"secret_modes", "folders"}
    assert rig.doctor.running(OWNER) is None


def test_a_fix_is_told_and_then_done(rig: Rig, filled: Patient) -> None:
    assert rig.doctor.fix(OWNER, "secret_modes") == [], "nothing was found yet"
    rig.examined()
    would = rig.doctor.would(OWNER, "secret_modes")
    assert [deed.what for deed in would] == [str(filled.data / "secret.key")]
    assert rig.doctor.fix(OWNER, "secret_modes") == would and rig.doctor.fix(OWNER, "secret_modes") == []
    assert not any(each.fix == "secret_modes" for each in rig.examined())


def test_the_index_is_rebuilt_by_the_server(rig: Rig, filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    table = (Examination("database", "library", lambda _: [bad("database.index", fix="index", fault="x")]),)
    kwdefaults = examinations.examine.__kwdefaults__
    monkeypatch.setattr(examinations.examine, "__kwdefaults__", kwdefaults | {"examinations": table})
    rig.examined()
    rig.doctor.would(OWNER, "index")
    assert rig.rebuilt == 0
    rig.doctor.fix(OWNER, "index")
    assert rig.rebuilt == 1


def test_a_second_examination_beside_the_first_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, began = threading.Event(), threading.Event()

    def waits(_patient: Patient) -> list[Finding]:
        began.set()
        goes_on.wait()
        return []

    kwdefaults = examinations.examine.__kwdefaults__
    monkeypatch.setattr(
        examinations.examine, "__kwdefaults__", kwdefaults | {"examinations": (Examination("feeds", "library", waits, 60.0),)}
    )
    first = rig.doctor.start(OWNER)
    began.wait()
    running = rig.doctor.running(OWNER)
    assert running is not None and running.id == first.id
    with pytest.raises(Conflict):
        rig.doctor.start(OWNER)
    goes_on.set()
    rig.tasks.wait(first.id)


def test_the_bundle_is_there_before_the_first_run(rig: Rig) -> None:
    assert "findings.json" in zipfile.ZipFile(BytesIO(rig.doctor.bundle(OWNER))).namelist()
