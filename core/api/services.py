"""The routes' view of the application, as a protocol. `core.app.CastMind` implements it."""

from __future__ import annotations

from typing import Any, Protocol

from core.ops.backup.service.backup_service import BackupService
from core.ops.doctor.service.doctor_service import DoctorService
from core.ops.incidents.service.incident_service import IncidentService
from core.ops.logs.log_service import LogService
from core.ops.metrics.metrics import Metrics
from core.services.accounts.accounts import Accounts
from core.services.accounts.audit import Audit
from core.services.feeds.discovery import PodcastDiscovery
from core.services.feeds.imports.imports import Imports
from core.services.feeds.refresh import FeedRefresh
from core.services.feeds.subscriptions import Subscriptions
from core.services.feeds.unsubscribe import Unsubscribe
from core.services.ingest.ingest import Ingest
from core.services.ingest.uploads import Uploads
from core.services.jobs.queue import Queue
from core.services.jobs.tasks import TaskService
from core.services.library.bulk_actions import BulkActions
from core.services.library.bulk_task import BulkTasks
from core.services.library.covers import Covers
from core.services.library.export_archives import ExportArchives
from core.services.library.exports import Exports
from core.services.library.library import Library
from core.services.library.retention import Retention
from core.services.library.statistics import Statistics
from core.services.library.trash import Trash
from core.services.notify.notifications import Notifications
from core.services.reading.annotations import Annotations
from core.services.reading.clips import Clips
from core.services.reading.highlights import Highlights
from core.services.reading.note_versions import NoteVersions
from core.services.reading.publisher_extras import PublisherExtras
from core.services.reading.waveforms import Waveforms
from core.services.schedules.quiet_hours import QuietHours
from core.services.schedules.schedule_service import Schedules
from core.services.search.search import Search
from core.services.settings.settings_service import SettingsService
from core.services.settings.setup_checklist import SetupChecklist


class Services(Protocol):
    """All calls block, and may come from any thread."""

    audit: Audit
    accounts: Accounts
    settings: SettingsService
    library: Library
    ingest: Ingest
    uploads: Uploads
    queue: Queue
    search: Search
    subscriptions: Subscriptions
    discovery: PodcastDiscovery
    refresh: FeedRefresh
    unsubscribe: Unsubscribe
    imports: Imports
    trash: Trash
    retention: Retention
    bulk_actions: BulkActions
    bulk_tasks: BulkTasks
    annotations: Annotations
    highlights: Highlights
    exports: Exports
    tasks: TaskService
    export_archives: ExportArchives
    note_versions: NoteVersions
    clips: Clips
    waveforms: Waveforms
    covers: Covers
    publisher_extras: PublisherExtras
    setup_checklist: SetupChecklist
    statistics: Statistics
    backups: BackupService
    doctor: DoctorService
    incidents: IncidentService
    logs: LogService
    metrics: Metrics
    notifications: Notifications
    schedules: Schedules
    quiet_hours: QuietHours

    @property
    def ready(self) -> bool:
        """Whether start-up is over and requests can be met."""

    @property
    def up(self) -> bool:
        """Whether the first start-up is over; it stays so while a restore makes requests wait."""

    version: str

    def health(self) -> dict[str, Any]:
        """`{status: healthy|degraded|unhealthy, timestamp, uptime, version, checks: {name: {status, output, duration}},
        works}`."""
