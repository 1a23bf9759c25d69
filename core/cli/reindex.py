"""`reindex`: rebuild the search index from the tables.

folder locked? ─┬─ no ──▶ rebuild here; the old index serves until the new one is complete. Ctrl-C keeps the steps done.
                └─ yes ─▶ ask the running server and show its progress; it continues after Ctrl-C
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from core import settings
from core.cli.meter import Meter
from core.domain.episodes.search_result import BackfillProgress
from core.errors import DataFolderLocked
from core.ops import server_client
from core.ops.backup import upgrade
from core.ops.backup.backups import Backups
from core.ops.backup.manifest import DATABASE
from core.settings import Settings
from core.store.db.database import Store
from core.store.db.folder_lock import DataFolderLock
from core.store.search import backfill

INTERRUPTED = 130
LEAVES_IT = "The running CastMind continues it. The same command shows the progress."
KEPT = "What is done is kept: the same command continues it, and so does the next start. Until then searches use the old one."


def run() -> int:
    values = settings.load().values
    meter = Meter("episodes")
    lock = DataFolderLock(values.data)
    try:
        lock.acquire()
    except DataFolderLocked:
        print("The running CastMind is asked to do it.", file=sys.stderr)
        return _told(lambda: server_client.reindex(values, show=meter.show), meter, LEAVES_IT)
    try:
        return _told(lambda: _here(values, meter.show), meter, KEPT)
    finally:
        lock.release()


def _told(work: Callable[[], int], meter: Meter, interrupted: str) -> int:
    began = time.monotonic()
    try:
        with meter:
            count = work()
    except KeyboardInterrupt:
        print(interrupted, file=sys.stderr)
        return INTERRUPTED
    print(f"The search index is new: episodes: {count}, in {time.monotonic() - began:.0f} s.")
    return 0


def _here(values: Settings, show: Callable[[int, int], None]) -> int:
    """Rebuild in this process; return the number of episodes."""
    upgrade.make_ready(values.data, Backups(values.data, lambda: values))
    store = Store(values.data / DATABASE)
    store.open()
    try:
        store.write(backfill.begin_rebuild)
        while store.write(backfill.step):
            progress = _progress(store)
            show(progress.done, progress.total)
        return _progress(store).total
    finally:
        store.close()


def _progress(store: Store) -> BackfillProgress:
    return backfill.progress(store.read())
