"""A data folder whose backups are made by tasks of its own library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.background.tasks import Tasks
from core.ops.backup.backups import Backups
from core.ops.backup.restore import Restorer, Server
from core.ops.backup.service.backup_service import BackupService
from core.ops.backup.service.backup_task import BackupTask
from core.ops.backup.service.verify_task import VerifyTask
from core.store.db.database import Store


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    made = Store(data / "castmind.db")
    made.open()
    yield made
    made.close()


@pytest.fixture
def tasks(backups: Backups, store: Store) -> Iterator[Tasks]:
    made = Tasks(store)
    made.register(BackupTask(backups), VerifyTask(backups))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def service(data: Path, backups: Backups, store: Store, tasks: Tasks) -> BackupService:
    return BackupService(backups, Restorer(data, backups, Server(stop=store.give_up, start=store.open)), tasks)
