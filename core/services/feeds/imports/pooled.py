"""Imports in a process of their own, where no scheduler runs: the command line, while it holds the data folder.

with PooledImports ─▶ imports and tasks begin, lines run in a pool of threads ─▶ left: fetches end, waiting lines stay as rows
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

from core.background.tasks import Tasks
from core.errors import ShuttingDown
from core.services.feeds.imports.import_line import LineImporter
from core.services.feeds.imports.import_task import ImportTask
from core.services.feeds.imports.imports import Imports
from core.services.feeds.imports.line_queue import AT_ONCE, LineQueue
from core.services.feeds.polls import Check
from core.services.feeds.subscriptions import Subscriptions
from core.store.db.database import Store


class PooledImports:
    """Enter it to run imports; without that, `imports` only reads. Web pages are not searched for feeds."""

    def __init__(self, store: Store, subscriptions: Subscriptions) -> None:
        lines = LineImporter(store, subscriptions, discover=lambda _actor, _url, _check: ())
        queue = LineQueue(store, lines, hand_out=self._hand_out)
        self._tasks = Tasks(store)
        self._tasks.register(ImportTask(store, queue))
        self._ending = Event()
        self.imports = Imports(store, self._tasks, queue)

    def __enter__(self) -> Imports:
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self.imports.start()
        self._tasks.start()
        return self.imports

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._tasks.stop()
        self._pool.shutdown(cancel_futures=True)

    def _hand_out(self, name: str, run: Callable[[Check], None], *, url: str) -> None:
        self._pool.submit(partial(run, self._check))

    def _check(self) -> None:
        if self._ending.is_set():
            raise ShuttingDown()
