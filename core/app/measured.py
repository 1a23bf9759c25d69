"""The metrics of CastMind: which part each of them asks. Rows of SOURCES: name, help, labels, what is asked."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.domain.accounts.actor import SYSTEM
from core.ops.metrics.heard import EventCounts
from core.ops.metrics.instruments import Instruments
from core.ops.metrics.metrics import Metrics
from core.ops.metrics.state import Labels, MetricSource, Values, one
from core.settings import VERSION
from core.store.feeds import feeds
from core.store.jobs import queue_views
from core.store.library import transcription_runs
from core.store.text import notes

if TYPE_CHECKING:
    from core.app import CastMind

STATUSES = {"pass": 0.0, "warn": 1.0, "fail": 2.0}
GIGABYTE = 1e9


def _checks(app: CastMind) -> Values:
    return {(name,): STATUSES[check.status] for name, (check, _) in app._health.remembered().items()}


def _queue(app: CastMind) -> Values:
    return {(stage, state): float(count) for (stage, state), count in queue_views.open_by_stage(app._store.read()).items()}


def _feeds(app: CastMind) -> Values:
    failing, count = feeds.polled(app._store.read())
    return {("failing",): float(failing), ("well",): float(count - failing)}


def _disk(app: CastMind) -> Values:
    usage = shutil.disk_usage(app.data)
    return {("free",): float(usage.free), ("total",): float(usage.total)}


def _database(app: CastMind) -> Values:
    files = {"database": app._store.path, "log": app._store.path.with_name(f"{app._store.path.name}-wal")}
    return {(name,): float(path.stat().st_size) for name, path in files.items() if path.exists()}


def _backup_age(app: CastMind) -> Values:
    now = time.time()
    newest = app._backups.newest_nightly(now)
    return one(None if newest is None else max(now - newest, 0.0))


def _replica_lag(app: CastMind) -> Values:
    return one(app._replica_lag.look(time.time()).seconds if app.settings.values.replica else None)


def _gpu(app: CastMind) -> Values:
    """Return the memory of the card as the last probe found it; nothing where there is no card."""
    probe = app.setup_checklist.speech(SYSTEM)
    if probe is None or not probe.vram_total:
        return {}
    return {("total",): float(probe.vram_total), ("free_at_probe",): float(probe.vram_free)}


def _restarts(app: CastMind) -> Values:
    return {(name,): float(count) for name, count in app._supervisor.counts().items()}


def _worker(app: CastMind) -> Values:
    return one(app._speech.status().rss)


SOURCES: tuple[tuple[str, str, Labels, Callable[[CastMind], Values], bool], ...] = (
    ("castmind_info", "The version that runs.", ("version",), lambda _: {(VERSION,): 1.0}, False),
    ("castmind_ready", "Whether requests can be met now.", (), lambda app: one(app.ready), False),
    ("castmind_check_status", "Checks of /health: 0 pass, 1 warn, 2 fail.", ("check",), _checks, False),
    ("castmind_checked_seconds", "Seconds since the checks of /health ran.", (), lambda app: one(app._health.age()), False),
    ("castmind_jobs", "Jobs that are not done, by stage and state.", ("stage", "state"), _queue, False),
    (
        "castmind_queue_paused",
        "Whether the queue is paused, or heavy steps rest.",
        (),
        lambda app: one(app.queue.paused(SYSTEM) or app.quiet_hours.resting()),
        False,
    ),
    ("castmind_feeds", "Subscribed feeds, by how their last poll went.", ("state",), _feeds, False),
    ("castmind_scheduler_lag_seconds", "Seconds that the scheduler is late.", (), lambda app: one(app._scheduler.lag()), False),
    ("castmind_disk_bytes", "The disk with the data folder.", ("kind",), _disk, False),
    (
        "castmind_disk_kept_bytes",
        "Free disk space below which nothing new is started.",
        (),
        lambda app: one(app.settings.values.min_free_gb * GIGABYTE),
        False,
    ),
    ("castmind_database_bytes", "The database and its log.", ("file",), _database, False),
    ("castmind_backup_age_seconds", "Seconds since the newest nightly backup.", (), _backup_age, False),
    (
        "castmind_backups_wanted",
        "Whether backups are made each night.",
        (),
        lambda app: one(app.settings.values.backup_nightly),
        False,
    ),
    ("castmind_replica_lag_seconds", "Seconds that the replica of the database is behind.", (), _replica_lag, False),
    ("castmind_gpu_memory_bytes", "Memory of the card, as its last probe found it.", ("kind",), _gpu, False),
    ("castmind_worker_memory_bytes", "Resident memory of the speech worker, while it runs.", (), _worker, False),
    ("castmind_restarts", "Parts that were found dead or stuck, and were started again.", ("part",), _restarts, True),
    ("castmind_clock_jumps", "Times that the clock was set.", (), lambda app: one(app._supervisor.jumps), True),
    (
        "castmind_writes_failed",
        "Changes that the database did not take.",
        (),
        lambda app: one(app._store.standing.failures),
        True,
    ),
    ("castmind_worker_ends", "Unexpected ends of the speech worker.", (), lambda app: one(app._speech.ends.count), True),
)
"""Name, help, labels, how it is measured, and whether it only grows."""


def metrics_of(app: CastMind) -> Metrics:
    def wanted(episode_id: int) -> tuple[float | None, float] | None:
        return notes.first_wanted(app._store.read(), episode_id)

    instruments = Instruments()
    hearing = EventCounts(
        instruments, run_of=lambda episode_id: transcription_runs.of_episode(app._store.read(), episode_id), wanted=wanted
    )
    sources = [
        MetricSource(name, help, lambda ask=ask: ask(app), labels, counts)  # type: ignore[misc]
        for name, help, labels, ask, counts in SOURCES
    ]
    return Metrics(instruments, hearing, sources)
