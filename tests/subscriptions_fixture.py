"""Subscriptions for tests: over a real store, with a clock that the test moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from core import settings
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Episode, Filter
from core.domain.feeds.imports import FeedCandidate, Import, LineState
from core.domain.jobs.job import Next, Stage, State
from core.domain.jobs.task import Task
from core.events import Event
from core.net.web import Fetcher, Patience
from core.services.feeds.imports.import_line import LineImporter
from core.services.feeds.imports.import_task import ImportTask
from core.services.feeds.imports.imports import Imports
from core.services.feeds.imports.line_queue import LineQueue
from core.services.feeds.subscriptions import Subscriptions
from core.services.feeds.unsubscribe import Unsubscribe
from core.services.library.trash import Trash
from core.services.settings.settings_service import SettingsService
from core.sources.feeds.fetch import PATIENCE
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import imports
from core.store.jobs import leases
from core.store.library import episodes, listing
from tests.fakes.podcast_host import START
from tests.new_database import new_database
from tests.runner_fixture import until

HOUR = 3600.0


class House:
    def __init__(self, folder: Path, *, patience: Patience = PATIENCE) -> None:
        self.now = START + HOUR
        self.heard: list[Event] = []
        self.store = Store(new_database(folder))
        self.store.events.listen("test", self.heard.append, Event)
        self.store.open()
        self.fetcher = Fetcher(lambda: ("127.0.0.1",))
        self.settings = SettingsService(settings.load({}, environ={}), self.store, environ={})
        self.subscriptions = Subscriptions(
            self.store,
            self.settings,
            self.fetcher,
            clock=lambda: self.now,
            random=lambda: 0.0,
            patience=patience,
        )
        self.trash = Trash(self.store, self.settings, folder, clock=lambda: self.now)
        self.unsubscribe = Unsubscribe(self.store, self.subscriptions, self.trash, clock=lambda: self.now)

    def close(self) -> None:
        self.fetcher.close()
        self.store.close()

    def episodes(self, feed_id: int) -> dict[str, Episode]:
        return {e.title: e for e in episodes.of_feed(self.store.read(), feed_id)}

    def queued(self) -> list[str]:
        """Titles of the episodes that have jobs, newest first."""
        return [row.episode.title for row in listing.page(self.store.read(), Filter(), user_id=OWNER.user_id).items if row.jobs]

    def fail_fetch(self, episode_id: int) -> None:
        def change(db: Database) -> None:
            job = leases.claim(db, Stage.FETCH, now=self.now)
            assert job is not None
            assert job.episode_id == episode_id
            leases.set_aside(db, job, Next(State.FAILED), now=self.now)

        self.store.write(change)


class ImportDesk:
    """Imports whose lines run on the test's command. `discovered` is the result of discovery for every page."""

    def __init__(self, store: Store, subscriptions: Subscriptions, *, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.handed: list[Callable[[], None]] = []
        self.discovered: list[FeedCandidate] = []
        self._clock = clock
        lines = LineImporter(store, subscriptions, discover=lambda _actor, _url, _check: self.discovered, clock=clock)
        hand_out = lambda _name, run, *, url: self.handed.append(lambda: run(lambda: None))  # noqa: E731
        self.queue = LineQueue(store, lines, hand_out=hand_out, clock=clock)
        self.tasks = Tasks(store)
        self.tasks.register(ImportTask(store, self.queue, clock=clock))
        self.imports = Imports(store, self.tasks, self.queue, clock=clock)

    def __enter__(self) -> Self:
        self.imports.start()
        self.tasks.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.tasks.stop()

    def run(self, at_most: int = 1000) -> None:
        """Run lines until none is due, at most `at_most`."""
        for _ in range(at_most):
            until(lambda: bool(self.handed or not imports.due(self.store.read(), now=self._clock())))
            if not self.handed:
                return
            self.handed.pop(0)()

    def states(self, of: Import) -> list[LineState]:
        return [line.state for line in self.imports.lines(OWNER, of.id)]

    def task_of(self, of: Import) -> Task:
        """Return the newest task of the import."""
        return [task for task in self.tasks.listing(ImportTask.name) if task.key == str(of.id)][-1]
