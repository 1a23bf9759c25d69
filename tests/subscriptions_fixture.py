"""Subscriptions as tests have them: over a real store, with a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core import settings
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Episode, Filter
from core.domain.jobs.job import Next, Stage, State
from core.events import Event
from core.net.web import Fetcher, Patience
from core.services.feeds.subscriptions import Subscriptions
from core.services.feeds.unsubscribe import Unsubscribe
from core.services.library.trash import Trash
from core.services.settings.settings_service import SettingsService
from core.sources.feeds.fetch import PATIENCE
from core.store.db.database import Store
from core.store.jobs import leases
from core.store.library import episodes, listing
from tests.fakes.podcast_host import START
from tests.new_database import new_database

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
        def change(db: Any) -> None:
            job = leases.claim(db, Stage.FETCH, now=self.now)
            assert job is not None
            assert job.episode_id == episode_id
            leases.set_aside(db, job, Next(State.FAILED), now=self.now)

        self.store.write(change)
