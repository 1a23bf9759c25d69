"""What the routes need of the application. `core.app.CastMind` is one; they know it by this shape alone."""

from __future__ import annotations

from typing import Any, Protocol

from core.ops.backup import Backups
from core.ops.restore import RestoreState
from core.pipeline.annotations import Annotations
from core.pipeline.arrivals import Arrivals
from core.pipeline.bulk import Bulk
from core.pipeline.bundles import Bundles
from core.pipeline.clips import Clips
from core.pipeline.covers import Covers
from core.pipeline.exports import Exports
from core.pipeline.finding import Finding
from core.pipeline.imports import Imports
from core.pipeline.keeping import Keeping
from core.pipeline.library import Library
from core.pipeline.notebook import Notebook
from core.pipeline.preferences import Preferences
from core.pipeline.queue import Queue
from core.pipeline.refreshing import Refreshing
from core.pipeline.search import Search
from core.pipeline.selection import Selection
from core.pipeline.setup import Setup
from core.pipeline.statistics import Statistics
from core.pipeline.subscriptions import Subscriptions
from core.pipeline.supplied import Supplied
from core.pipeline.trash import Trash
from core.pipeline.unsubscribing import Unsubscribing


class Services(Protocol):
    """All calls block and may come from any thread."""

    @property
    def preferences(self) -> Preferences: ...

    @property
    def library(self) -> Library: ...

    @property
    def arrivals(self) -> Arrivals: ...

    @property
    def queue(self) -> Queue: ...

    @property
    def search(self) -> Search: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def finding(self) -> Finding: ...

    @property
    def refreshing(self) -> Refreshing: ...

    @property
    def unsubscribing(self) -> Unsubscribing: ...

    @property
    def imports(self) -> Imports: ...

    @property
    def trash(self) -> Trash: ...

    @property
    def keeping(self) -> Keeping: ...

    @property
    def selection(self) -> Selection: ...

    @property
    def annotations(self) -> Annotations: ...

    @property
    def exports(self) -> Exports: ...

    @property
    def bulk(self) -> Bulk: ...

    @property
    def bundles(self) -> Bundles: ...

    @property
    def notebook(self) -> Notebook: ...

    @property
    def clips(self) -> Clips: ...

    @property
    def covers(self) -> Covers: ...

    @property
    def supplied(self) -> Supplied: ...

    @property
    def setup(self) -> Setup: ...

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
