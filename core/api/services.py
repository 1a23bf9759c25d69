"""What the routes need of the application. `core.app.CastMind` is one; they know it by this shape alone."""

from __future__ import annotations

from typing import Any, Protocol

from core.ops.backup.backups import Backups
from core.ops.backup.restore import RestoreState
from core.services.feeds.discovery import PodcastDiscovery
from core.services.feeds.imports import Imports
from core.services.feeds.refresh import FeedRefresh
from core.services.feeds.subscriptions import Subscriptions
from core.services.feeds.unsubscribe import Unsubscribe
from core.services.ingest.ingest import Ingest
from core.services.ingest.uploads import Uploads
from core.services.jobs.queue import Queue
from core.services.jobs.tasks import Tasks
from core.services.library.bulk_actions import BulkActions
from core.services.library.covers import Covers
from core.services.library.export_archives import ExportArchives
from core.services.library.exports import Exports
from core.services.library.library import Library
from core.services.library.retention import Retention
from core.services.library.search import Search
from core.services.library.statistics import Statistics
from core.services.library.trash import Trash
from core.services.reading.annotations import Annotations
from core.services.reading.clips import Clips
from core.services.reading.note_versions import NoteVersions
from core.services.reading.publisher_extras import PublisherExtras
from core.services.settings.settings_service import SettingsService
from core.services.settings.setup_checklist import SetupChecklist


class Services(Protocol):
    """All calls block and may come from any thread."""

    @property
    def settings(self) -> SettingsService: ...

    @property
    def library(self) -> Library: ...

    @property
    def ingest(self) -> Ingest: ...

    @property
    def uploads(self) -> Uploads: ...

    @property
    def queue(self) -> Queue: ...

    @property
    def search(self) -> Search: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def discovery(self) -> PodcastDiscovery: ...

    @property
    def refresh(self) -> FeedRefresh: ...

    @property
    def unsubscribe(self) -> Unsubscribe: ...

    @property
    def imports(self) -> Imports: ...

    @property
    def trash(self) -> Trash: ...

    @property
    def retention(self) -> Retention: ...

    @property
    def bulk_actions(self) -> BulkActions: ...

    @property
    def annotations(self) -> Annotations: ...

    @property
    def exports(self) -> Exports: ...

    @property
    def tasks(self) -> Tasks: ...

    @property
    def export_archives(self) -> ExportArchives: ...

    @property
    def note_versions(self) -> NoteVersions: ...

    @property
    def clips(self) -> Clips: ...

    @property
    def covers(self) -> Covers: ...

    @property
    def publisher_extras(self) -> PublisherExtras: ...

    @property
    def setup_checklist(self) -> SetupChecklist: ...

    @property
    def statistics(self) -> Statistics: ...

    @property
    def backups(self) -> Backups: ...

    def start_restore(self, name: str) -> None:
        """Puts a backup back in a thread of its own. Raises NotFound, BackupRunning, Conflict."""

    def restore_state(self) -> RestoreState | None:
        """The restore that runs or ran last."""

    @property
    def ready(self) -> bool:
        """Whether start-up is over and requests can be met."""

    @property
    def version(self) -> str: ...

    def health(self) -> dict[str, Any]:
        """`{status: healthy|degraded|unhealthy, timestamp, uptime, version, checks: {name: {status, output, duration}}}`."""
