"""The services of CastMind: the name, type and constructor of each. A new one gets a line in both tables.

Names that start with `_` belong to housekeeping alone.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.app.account_services import ACCOUNT_SERVICES, AccountParts
from core.app.histories import sources_of
from core.app.measured import metrics_of
from core.app.schedule_kinds import SCHEDULE_KINDS
from core.background.run_lines import RunLines
from core.background.scheduler import Scheduler
from core.background.tasks import Tasks
from core.domain.accounts.actor import SYSTEM
from core.domain.redaction import redact
from core.events.bus import Bus
from core.files.partial_files import GIGABYTE
from core.net.web import Fetcher
from core.notes.language_model import LanguageModel
from core.ops.backup.backups import Backups
from core.ops.backup.rescue import Rescue
from core.ops.backup.restore import Restorer, Server
from core.ops.backup.service.backup_service import BackupService
from core.ops.doctor.service.doctor_service import DoctorService
from core.ops.doctor.service.server_patient import server_patient
from core.ops.healing.intake import Intake
from core.ops.healing.integrity import NightlyCheck
from core.ops.healing.supervisor import Supervisor
from core.ops.health import Health
from core.ops.incidents.keeper import IncidentKeeper
from core.ops.incidents.service.incident_service import IncidentService
from core.ops.last_run import LastRun
from core.ops.logs.log_service import LogService
from core.ops.metrics.metrics import Metrics
from core.ops.orphans import Orphans
from core.ops.replica.lag import ReplicaLag
from core.ops.replica.litestream import Litestream
from core.pipeline.gpu import GpuLease
from core.pipeline.runner import Runner
from core.services.feeds.discovery import PodcastDiscovery
from core.services.feeds.imports.import_line import LineImporter
from core.services.feeds.imports.imports import Imports
from core.services.feeds.imports.line_queue import LineQueue
from core.services.feeds.preview import FeedPreviews
from core.services.feeds.refresh import FeedRefresh
from core.services.feeds.subscriptions import Subscriptions
from core.services.feeds.unsubscribe import Unsubscribe
from core.services.ingest.growing_files import GrowingFiles
from core.services.ingest.ingest import Ingest
from core.services.ingest.recordings import Recordings
from core.services.ingest.strays import Strays
from core.services.ingest.uploads import Uploads
from core.services.jobs.queue import Queue
from core.services.jobs.tasks import TaskService
from core.services.jobs.waiting_jobs import WaitingJobs
from core.services.library.bulk_actions import BulkActions
from core.services.library.bulk_task import BulkTasks
from core.services.library.covers import Covers
from core.services.library.export_archives import ExportArchives
from core.services.library.exports import Exports
from core.services.library.library import Library
from core.services.library.retention import Retention
from core.services.library.statistics import Statistics
from core.services.library.trash import Trash
from core.services.library.trends import Trends
from core.services.notify.dispatch import Dispatch
from core.services.notify.listener import NoticeListener
from core.services.notify.notifications import Notifications
from core.services.notify.outbox import Outbox
from core.services.notify.sending import Sending
from core.services.notify.watch import StateWatch
from core.services.reading.annotations import Annotations
from core.services.reading.clips import Clips
from core.services.reading.highlights import Highlights
from core.services.reading.note_versions import NoteVersions
from core.services.reading.publisher_extras import PublisherExtras
from core.services.reading.waveforms import Waveforms
from core.services.schedules.computer import Computer
from core.services.schedules.engine import ScheduleEngine
from core.services.schedules.quiet_hours import QuietHours
from core.services.schedules.schedule_service import Schedules
from core.services.search.search import Search
from core.services.settings.settings_service import SettingsService
from core.services.settings.setup_checklist import SetupChecklist
from core.services.settings.speech_models import SpeechModels
from core.sources.uploads.inbox import Inbox
from core.speech.client.client import SpeechClient
from core.store.db.damage import quick_check
from core.store.db.database import Store
from core.store.db.vault import Vault

if TYPE_CHECKING:
    from core.app import CastMind


# The longest check of the database; a check of a gigabyte takes seconds.
CHECK_SECONDS = 600.0


class Parts(AccountParts):
    """The parts of CastMind: the engine, then the services by the names of their modules."""

    data: Path
    events: Bus
    settings: SettingsService
    setup_checklist: SetupChecklist
    _last_run: LastRun
    _store: Store
    _fetcher: Fetcher
    _speech: SpeechClient
    _gpu: GpuLease
    _language_model: LanguageModel
    _runner: Runner
    _tasks: Tasks
    _ending: threading.Event
    _health: Health

    library: Library
    trash: Trash
    retention: Retention
    bulk_actions: BulkActions
    bulk_tasks: BulkTasks
    annotations: Annotations
    highlights: Highlights
    note_versions: NoteVersions
    clips: Clips
    waveforms: Waveforms
    covers: Covers
    publisher_extras: PublisherExtras
    ingest: Ingest
    uploads: Uploads
    recordings: Recordings
    _strays: Strays
    _growing_files: GrowingFiles
    queue: Queue
    tasks: TaskService
    _waiting_jobs: WaitingJobs
    search: Search
    statistics: Statistics
    speech_models: SpeechModels
    exports: Exports
    export_archives: ExportArchives
    subscriptions: Subscriptions
    _scheduler: Scheduler
    _schedule_engine: ScheduleEngine
    schedules: Schedules
    quiet_hours: QuietHours
    discovery: PodcastDiscovery
    feed_previews: FeedPreviews
    refresh: FeedRefresh
    unsubscribe: Unsubscribe
    _import_lines: LineQueue
    imports: Imports
    _litestream: Litestream
    _replica_lag: ReplicaLag
    _backups: Backups
    _restorer: Restorer
    backups: BackupService
    rescue: Rescue
    doctor: DoctorService
    incidents: IncidentService
    _incident_keeper: IncidentKeeper
    _orphans: Orphans
    metrics: Metrics
    trends: Trends
    _supervisor: Supervisor
    _inbox: Inbox
    _nightly_check: NightlyCheck
    _intake: Intake
    logs: LogService
    _dispatch: Dispatch
    _sending: Sending
    _outbox: Outbox
    _notice_listener: NoticeListener
    _state_watch: StateWatch
    notifications: Notifications


SERVICES: tuple[tuple[str, Callable[[CastMind], object]], ...] = (
    (
        "_intake",
        lambda app: Intake(lambda: shutil.disk_usage(app.data).free, lambda: app.settings.values.min_free_gb * GIGABYTE),
    ),
    (
        "_nightly_check",
        lambda app: NightlyCheck(
            lambda: quick_check(app._store.path, most_seconds=CHECK_SECONDS, stopped=app._ending.is_set),
            lambda: app.settings.values.backup_hour,
            began=time.time(),
        ),
    ),
    *ACCOUNT_SERVICES,
    ("library", lambda app: Library(app._store, app.settings, app.data)),
    ("trash", lambda app: Trash(app._store, app.settings, app.data, abandon=app._runner.abandon)),
    ("retention", lambda app: Retention(app._store, app.settings, app.data, app.trash)),
    ("bulk_actions", lambda app: BulkActions(app._store, app.trash)),
    ("bulk_tasks", lambda app: BulkTasks(app._tasks)),
    ("annotations", lambda app: Annotations(app._store)),
    ("highlights", lambda app: Highlights(app._store)),
    ("note_versions", lambda app: NoteVersions(app._store)),
    ("clips", lambda app: Clips(app.library, app.data)),
    ("waveforms", lambda app: Waveforms(app._store, app.data)),
    ("covers", lambda app: Covers(app._store, app._fetcher, app.data)),
    ("publisher_extras", lambda app: PublisherExtras(app._store, app._fetcher)),
    ("ingest", lambda app: Ingest(app._store, app.settings, app.data)),
    ("uploads", lambda app: Uploads(app.ingest)),
    ("recordings", lambda app: Recordings(app.ingest)),
    ("_strays", lambda app: Strays(app._store, app.ingest, app.data)),
    ("_growing_files", lambda app: GrowingFiles(app._store, app.ingest, app.data)),
    ("queue", lambda app: Queue(app._store, retry=app.library.retry, gpu=app._gpu.state)),
    ("tasks", lambda app: TaskService(app._tasks)),
    ("_waiting_jobs", lambda app: WaitingJobs(app._store, app.queue, app.setup_checklist)),
    ("search", lambda app: Search(app._store, app._tasks)),
    ("statistics", lambda app: Statistics(app._store, app.data)),
    ("speech_models", lambda app: SpeechModels(app._store, app.setup_checklist, app.data)),
    ("exports", lambda app: Exports(app._store)),
    ("export_archives", lambda app: ExportArchives(app.exports, app._tasks, app.data)),
    ("subscriptions", lambda app: Subscriptions(app._store, app.settings, app._fetcher)),
    (
        "_scheduler",
        lambda app: Scheduler(app.subscriptions, paused=lambda: app._intake.paused() or app.schedules.paused(SYSTEM, "polls")),
    ),
    ("discovery", lambda app: PodcastDiscovery(app._store, app.settings, app._fetcher)),
    ("feed_previews", lambda app: FeedPreviews(app.subscriptions, app.discovery)),
    ("refresh", lambda app: FeedRefresh(app.subscriptions, app._tasks)),
    ("unsubscribe", lambda app: Unsubscribe(app._store, app.subscriptions, app.trash)),
    (
        "_import_lines",
        lambda app: LineQueue(
            app._store,
            LineImporter(app._store, app.subscriptions, discover=app.discovery.discover),
            hand_out=app._scheduler.hand_out,
        ),
    ),
    ("imports", lambda app: Imports(app._store, app._tasks, app._import_lines)),
    ("_litestream", lambda app: Litestream(app._store.path)),
    ("_replica_lag", lambda app: ReplicaLag(app._litestream.ask, time.time())),
    ("_backups", lambda app: Backups(app.data, lambda: app.settings.values, publish=app.events.publish)),
    (
        "_restorer",
        lambda app: Restorer(app.data, app._backups, Server(stop=app._pause, start=app._go_on, ending=app._ending.is_set)),
    ),
    ("backups", lambda app: BackupService(app._backups, app._restorer, app._tasks)),
    (
        "doctor",
        lambda app: DoctorService(
            app._tasks,
            server_patient(app.settings, app.setup_checklist, app._tasks, app._backups),
            rebuild_index=lambda: app.search.rebuild(SYSTEM),
        ),
    ),
    ("incidents", lambda app: IncidentService(app._store)),
    (
        "_incident_keeper",
        lambda app: IncidentKeeper(
            app._store,
            app.data,
            app.health,
            lambda: list(app._speech.ends.times),
            language=lambda: app.settings.values.language,
        ),
    ),
    ("rescue", lambda app: Rescue(app.data, app._backups, app.start)),
    (
        "_schedule_engine",
        lambda app: ScheduleEngine(
            app._store,
            app.settings,
            app._tasks,
            hand_out=app._scheduler.keep_house,
            rests=lambda: app._backups.shrinking.state() is not None,
            lines=RunLines(redact),
            kinds=lambda: [kind(app) for kind in SCHEDULE_KINDS],
        ),
    ),
    ("schedules", lambda app: Schedules(app._store, app.settings, app._schedule_engine)),
    ("quiet_hours", lambda app: QuietHours(app._store, app._runner.heavy, Computer())),
    ("_orphans", lambda app: Orphans(app._store, app.data, backups=app._backups.listing, began=app._backups.began)),
    ("metrics", metrics_of),
    ("trends", lambda app: Trends(app._store, sources_of(app))),
    ("logs", lambda app: LogService(app.data / "logs", app.settings)),
    ("_dispatch", lambda app: Dispatch(app.settings, Vault.beside(app._store.path))),
    ("_sending", lambda app: Sending(app._store, app._dispatch)),
    ("_outbox", lambda app: Outbox(app._store, wake=app._sending.wake)),
    ("_notice_listener", lambda app: NoticeListener(app._store, app._outbox, app.settings)),
    ("_state_watch", lambda app: StateWatch(app._outbox, app.health)),
    (
        "notifications",
        lambda app: Notifications(app._store, Vault.beside(app._store.path), app._dispatch, wake=app._sending.wake),
    ),
)
"""The name of each service, and a function that creates it from those above it."""
