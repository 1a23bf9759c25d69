"""Backups by a schedule: every night, as the settings say, and whenever a person's own schedule says.

Both make nightly backups, of which the newest few stay: a backup by hand stays until somebody deletes it.
"""

from __future__ import annotations

from core.domain.jobs.task import Task
from core.domain.schedules.schedule import Schedule
from core.ops.backup import retention
from core.ops.backup.backups import Backups
from core.ops.backup.service.backup_service import BackupService
from core.services.schedules.kind import ByTask, Counts
from core.settings import InForce
from core.store.jobs.tasks import NewTask


class ScheduledBackup(ByTask):
    name = "backup"
    own = True

    def __init__(self, service: BackupService) -> None:
        self._service = service

    def task(self, row: Schedule, now: float) -> NewTask | None:  # noqa: ARG002
        return self._service.nightly()

    def did(self, task: Task) -> Counts:
        return {"backup": str(task.detail.get("name", ""))}


class NightlyBackup(ScheduledBackup):
    """The built-in one. A night whose backup is missing is made up for, also one whose file was lost or cannot be read."""

    name = "nightly_backup"
    own = False

    def __init__(self, service: BackupService, backups: Backups, preferences: InForce) -> None:
        super().__init__(service)
        self._backups = backups
        self._preferences = preferences

    def overdue(self, now: float) -> float | None:
        if not self._backups.nightly_is_due(now):
            return None
        return retention.last_appointment(now, self._preferences.values.backup_hour)
