"""The kinds of background tasks: one for each kind of long work that a person can watch and cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.background.task_kind import TaskKind
from core.ops.backup.service.backup_task import BackupTask
from core.ops.backup.service.verify_task import VerifyTask
from core.services.feeds.imports.import_task import ImportTask
from core.services.feeds.refresh_task import RefreshTask
from core.services.library.bulk_task import BulkTask
from core.services.library.export_task import ExportTask
from core.services.search.index_task import IndexTask
from core.services.settings.probe_task import ProbeTask
from core.services.settings.pull_task import PullTask

if TYPE_CHECKING:
    from core.app import CastMind

TASK_KINDS: tuple[Callable[[CastMind], TaskKind], ...] = (
    lambda app: BulkTask(app.bulk_actions),
    lambda app: ExportTask(app.exports, app.data),
    lambda app: ImportTask(app._store, app._import_lines),
    lambda app: IndexTask(app._store),
    lambda app: RefreshTask(app.subscriptions, hand_out=app._scheduler.hand_out),
    lambda app: ProbeTask(app.setup_checklist.try_out),
    lambda app: PullTask(app._language_model),
    lambda app: BackupTask(app._backups),
    lambda app: VerifyTask(app._backups),
    lambda app: app.doctor.task_kind(),
)
"""The kinds of background tasks."""
