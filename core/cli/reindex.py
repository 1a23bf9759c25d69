"""`reindex`: the search index written anew from the tables.

folder locked? ─┬─ no ──▶ step by step here; the index that is there stays until the new one is whole. Ctrl-C keeps what is done.
                └─ yes ─▶ the running server is asked, and told about here; Ctrl-C leaves it to go on
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from core import settings
from core.cli.meter import Meter
from core.errors import DataFolderLocked
from core.ops import running_server, upgrade
from core.ops.backup import Backups
from core.ops.manifest import DATABASE
from core.settings import Settings
from core.store import search_filling
from core.store.db import DataFolderLock, Store
from core.store.search_filling import Progress

INTERRUPTED = 130
LEAVES_IT = "The running CastMind goes on with it. The same command tells how far it is."
KEPT = "What is done is kept: the same command goes on with it, and so does the next start. Until then searches use the old one."


def run() -> int:
    values = settings.load().values
    meter = Meter("episodes")
    lock = DataFolderLock(values.data)
    try:
        lock.acquire()
    except DataFolderLocked:
        print("The running CastMind is asked to do it.", file=sys.stderr)
        return _told(lambda: running_server.reindex(values, show=meter.show), meter, LEAVES_IT)
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
    """How many episodes there are."""
    upgrade.make_ready(values.data, Backups(values.data, lambda: values))
    store = Store(values.data / DATABASE)
    store.open()
    try:
        store.write(search_filling.begin_rebuild)
        while store.write(search_filling.step):
            progress = _progress(store)
            show(progress.done, progress.total)
        return _progress(store).total
    finally:
        store.close()


def _progress(store: Store) -> Progress:
    return search_filling.progress(store.read())
