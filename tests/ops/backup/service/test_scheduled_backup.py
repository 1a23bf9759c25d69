"""Backups by schedules: what a run made, and a night whose file was lost."""

from __future__ import annotations

from datetime import datetime

from core import settings
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.schedules.schedule import Schedule
from core.ops.backup.backups import Backups
from core.ops.backup.service.backup_service import BackupService
from core.ops.backup.service.scheduled_backup import NightlyBackup, ScheduledBackup
from core.services.settings.settings_service import SettingsService
from core.store.db.database import Store


def test_a_run_makes_a_nightly_backup_and_names_it(service: BackupService, tasks: Tasks) -> None:
    kind = ScheduledBackup(service)
    new = kind.task(Schedule(1, kind.name), 0.0)
    assert new and kind.own
    task = tasks.wait(tasks.begin(new.kind, new.arguments, key=new.key).id)
    (made,) = service.listing(OWNER)
    assert (made.kind, kind.did(task)) == ("nightly", {"backup": made.name})


def test_a_night_is_missing_until_its_backup_is_there_and_again_when_it_is_lost(
    service: BackupService, backups: Backups, store: Store
) -> None:
    kind = NightlyBackup(service, backups, SettingsService(settings.load(environ={}), store, environ={}))
    tomorrow = datetime.now().timestamp() + 86_400
    made = backups.make_nightly()
    missing = kind.overdue(tomorrow)
    assert missing and missing <= tomorrow and datetime.fromtimestamp(missing).hour == 3
    assert kind.overdue(made.created_at) is None and not kind.own
