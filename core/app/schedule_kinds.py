"""The kinds of schedules: what a schedule can do. A new one is a file in `core/services/schedules/kinds/` and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.ops.backup.service.scheduled_backup import NightlyBackup, ScheduledBackup
from core.services.schedules.kind import ScheduleKind
from core.services.schedules.kinds.export_library import ExportLibrary
from core.services.schedules.kinds.fill_index import FillIndex
from core.services.schedules.kinds.refresh_feeds import AllPolls, RefreshFeeds
from core.services.schedules.kinds.retry_failed import RetryFailed
from core.services.schedules.kinds.sweep import Sweep
from core.services.schedules.kinds.transcribe import TranscribeWaiting

if TYPE_CHECKING:
    from core.app import CastMind

SCHEDULE_KINDS: tuple[Callable[[CastMind], ScheduleKind], ...] = (
    lambda _: TranscribeWaiting(),
    lambda app: RefreshFeeds(app.subscriptions),
    lambda app: ScheduledBackup(app.backups),
    lambda app: RetryFailed(app.bulk_actions),
    lambda app: ExportLibrary(app.exports, app.bulk_actions),
    lambda app: NightlyBackup(app.backups, app._backups, app.settings),
    lambda app: AllPolls(app.subscriptions),
    lambda app: FillIndex(app.search),
    lambda app: Sweep("trash", app.trash.step, careful=True),
    lambda app: Sweep("retention", app.retention.step, careful=True),
    lambda app: Sweep("orphans", app._orphans.step, careful=True),
    lambda app: Sweep("covers", app.covers.tidy, careful=True),
    lambda app: Sweep("exports", app.export_archives.step, careful=False),
    lambda app: Sweep("removed_feeds", app.unsubscribe.step, careful=True),
    lambda app: Sweep("waveforms", app.waveforms.tidy, careful=True),
)
"""Those of a person first, in the order in which the page offers them. What deletes is careful."""
