"""Backups as pages and routes reach them: one at a time, by hand and by the clock, and what can be told without the database."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import BackupRunning, NotFound, Restoring
from core.ops.backup.backups import Backups
from core.ops.backup.restore import Restorer, Server
from core.ops.backup.service.backup_service import BackupService
from core.store.db.database import Store
from tests.ops.backup.library import backups_of
from tests.ops.backup.service.held import Held
from tests.running import wait_for


def test_one_is_made_at_a_time_and_can_be_cancelled(
    service: BackupService, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service.state(OWNER) is None
    held = Held(monkeypatch)
    task = service.start(OWNER, media=False)
    state = service.state(OWNER)
    assert state and state.running and (state.kind, state.phase, state.name) == ("manual", "database", None)
    with pytest.raises(BackupRunning):
        service.start(OWNER, media=False)
    assert held.reached.wait(60)
    service.cancel(OWNER)
    held.go_on.set()
    tasks.wait(task.id)
    state = service.state(OWNER)
    assert state and not state.running and state.error and state.error["code"] == "cancelled"
    service.cancel(OWNER)
    assert service.listing(OWNER) == [] and len(tasks.listing()) == 1


def test_none_is_restored_while_one_is_made(service: BackupService, tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    name = tasks.wait(service.start(OWNER, media=False).id).detail["name"]
    held = Held(monkeypatch)
    task = service.start(OWNER, media=False)
    with pytest.raises(BackupRunning):
        service.restore(OWNER, name)
    held.go_on.set()
    assert tasks.wait(task.id).state is State.DONE
    with pytest.raises(NotFound):
        service.restore(OWNER, "castmind-manual-20260101-000000.zip")
    assert service.restore_state(OWNER) is None


def night(service: BackupService, tasks: Tasks) -> Task:
    """Begin a nightly backup, as a schedule does."""
    new = service.nightly()
    return tasks.begin(new.kind, new.arguments, key=new.key, what=new.what)


def test_the_nightly_one_waits_until_no_other_is_being_made(
    service: BackupService, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    by_hand = service.start(OWNER, media=False)
    assert held.reached.wait(60)
    nightly = night(service, tasks)
    assert nightly.state is State.QUEUED
    held.go_on.set()
    tasks.wait(by_hand.id)
    assert tasks.wait(nightly.id).state is State.DONE
    assert [task.key for task in tasks.listing()] == ["manual", "nightly"]
    newest = service.newest_nightly(OWNER)
    assert newest and newest > time.time() - 3600 and service.nightly_error(OWNER) is None


def test_of_nights_that_failed_the_last_one_is_told(data: Path, store: Store, tasks: Tasks) -> None:
    now = [time.time()]
    backups = Backups(data, backups_of(data)._settings, clock=lambda: now[0])
    service = BackupService(backups, Restorer(data, backups, Server()), tasks)
    task_kind = tasks._kinds["backup"]
    task_kind._backups = backups  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))  # type: ignore[attr-defined]
        for _ in range(2):
            assert backups.nightly_is_due()
            failed = tasks.wait(night(service, tasks).id)
            assert (failed.state, (failed.error or {})["code"]) == (State.FAILED, "backup_no_room")
            assert not backups.nightly_is_due() and tasks.listing() == [failed]
            error = service.nightly_error(OWNER)
            assert error and error.code == "backup_no_room"
            now[0] += 3601
    assert tasks.wait(night(service, tasks).id).state is State.DONE
    assert len(tasks.listing()) == 1 and service.nightly_error(OWNER) is None


def test_files_are_told_of_while_the_library_is_closed(service: BackupService, tasks: Tasks, store: Store) -> None:
    tasks.wait(service.start(OWNER, media=False).id)
    store.give_up()
    (row,) = service.listing(OWNER)
    assert service.state(OWNER) is None and not service.verifying(OWNER)
    with pytest.raises(Restoring):
        service.start(OWNER, media=False)
    assert service.verify(OWNER, row.name).bytes > 0
    service.delete(OWNER, row.name)
    assert service.listing(OWNER) == []
    store.open()


def test_a_library_that_cannot_be_read_can_be_restored(data: Path, backups: Backups) -> None:
    name = backups.create(media=False).name
    (data / "castmind.db").write_bytes(b"not a database" * 5000)
    service = BackupService(backups, Restorer(data, backups, Server()), Tasks(Store(data / "castmind.db")))
    assert service.state(OWNER) is None and [row.name for row in service.listing(OWNER)] == [name]
    service.restore(OWNER, name)
    state = wait_for(lambda: (found := service.restore_state(OWNER)) and not found.running and found)
    assert state.result and state.result.name == name and state.result.kept
