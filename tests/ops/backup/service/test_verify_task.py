"""Verification of a backup in the background: progress, cancelling, and the report of damage."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.errors import NotFound, TaskInterrupted, VerifyRunning
from core.ops.backup import archive
from core.ops.backup.backups import Backups
from core.ops.backup.service.backup_service import BackupService


def test_a_whole_one_is_read_to_its_last_byte(backups: Backups, tasks: Tasks, service: BackupService) -> None:
    made = backups.create(media=True)
    task = tasks.wait(service.start_verification(OWNER, made.name).id)
    assert (task.key, task.state) == (made.name, State.DONE)
    assert task.done == task.total == backups.verify(made.name).bytes > 0


def test_a_broken_one_is_told_of(backups: Backups, tasks: Tasks, service: BackupService) -> None:
    made = backups.create(media=True)
    body = bytearray(made.path.read_bytes())
    middle = len(body) // 2
    body[middle : middle + 100] = bytes(byte ^ 0xFF for byte in body[middle : middle + 100])
    made.path.write_bytes(body)
    task = tasks.wait(service.start_verification(OWNER, made.name).id)
    assert (task.state, (task.error or {})["code"]) == (State.FAILED, "backup_damaged")


def test_one_that_is_not_there_is_refused(tasks: Tasks, service: BackupService) -> None:
    with pytest.raises(NotFound):
        service.start_verification(OWNER, "castmind-manual-20260101-000000.zip")
    assert tasks.listing() == []


class Held:
    """The reading waits at its first file."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        proven = archive.Archive._proven

        def held(it: archive.Archive, entry: object, cancelled: archive.Asked) -> Iterator[bytes]:
            self.reached.set()
            assert self.go_on.wait(60)
            return proven(it, entry, cancelled)  # type: ignore[arg-type]

        patch.setattr(archive.Archive, "_proven", held)


def test_one_at_a_time_and_it_can_be_ended(
    backups: Backups, tasks: Tasks, service: BackupService, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = backups.create(media=True).name
    held = Held(monkeypatch)
    task = service.start_verification(OWNER, name)
    assert held.reached.wait(60) and service.verifying(OWNER)
    with pytest.raises(VerifyRunning):
        service.start_verification(OWNER, name)
    tasks.cancel(task.id)
    held.go_on.set()
    assert tasks.wait(task.id).state is State.CANCELLED
    assert backups.path(name).is_file() and not service.verifying(OWNER)
    assert tasks.wait(service.start_verification(OWNER, name).id).state is State.DONE


def test_one_that_a_stop_has_ended_is_told_as_interrupted(
    backups: Backups, tasks: Tasks, service: BackupService, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    task = service.start_verification(OWNER, backups.create(media=True).name)
    assert held.reached.wait(60)
    stopping = threading.Thread(target=tasks.stop)
    stopping.start()
    tasks._stopping.wait()
    held.go_on.set()
    stopping.join()
    assert (tasks.get(task.id).error or {})["code"] == TaskInterrupted.code
