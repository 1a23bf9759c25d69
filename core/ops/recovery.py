"""After a start, requeue the jobs that were running, and delete partial files."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from core.domain.accounts.actor import SYSTEM
from core.domain.jobs.job import Stage
from core.export import export_files
from core.files import partial_files
from core.ops.last_run import End
from core.services.ingest.ingest import Ingest
from core.services.jobs.queue import Queue
from core.sources.media.download import part_name
from core.store.db.database import Store
from core.store.jobs import leases

log = logging.getLogger(__name__)


def take_back(store: Store, ended: End | None) -> None:
    """Requeue jobs that were running.

    `ended` is how the previous server ended, if it was not stopped: a job that crashed it each time is not retried for ever.
    """
    if ended:
        _take_back_crashed(store, ended)
    taken_back = store.write(leases.requeue_running)
    if taken_back:
        log.info("%d jobs of the last run go on", taken_back)


def _take_back_crashed(store: Store, ended: End) -> None:
    log.warning("the server before this one ended without a word (%s)", ended)
    if ended is End.GONE:
        return  # A power cut or a reboot: no job is to blame.
    fault = ended is End.FAULT
    for job in store.write(lambda db: leases.take_back_crashed(db, now=time.time(), fault=fault)):
        names = {"job_id": job.id, "episode_id": job.episode_id, "stage": job.stage}
        log.warning("%s is %s: %s", job.stage, job.state.value, (job.error or {}).get("detail", ""), extra=names)


def sweep(data: Path, queue: Queue, ingest: Ingest) -> None:
    """Delete the partial files of uploads and downloads, except downloads that will be resumed."""
    fetching = {part_name(row.job.episode_id) for row in queue.jobs(SYSTEM) if row.job.stage == Stage.FETCH}
    partial_files.sweep(data / "uploads")
    export_files.sweep(data / "exports")
    partial_files.sweep(data / "media", fetching)
    if found := ingest.resumable.recover():
        log.warning("%d uploads had lost their notes; what they hold is taken in", found)
