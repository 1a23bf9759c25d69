"""What happened, as notices: the events that somebody may want to hear of.

    StepFinished (publish) ─▶ notes.ready          FeedPolled ─▶ feed.failing after a while, feed.recovered
    StepFailed ─▶ job.failed                       TaskFailed (backup) ─▶ backup.failed; BackupMade ends it
    SignedIn ─▶ signin.new_place, if the user has never been seen there

It runs in the bus's thread for this listener and writes rows only.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from typing import Any

from core.domain.jobs.job import Stage
from core.domain.notify.kinds import BY_NAME
from core.errors import NotFound
from core.events import BackupMade, Event, FeedPolled, SignedIn, StepFailed, StepFinished, TaskFailed
from core.services.notify.outbox import Outbox
from core.settings import InForce
from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.library import episodes
from core.store.notify import sign_in_places

HEARD = (StepFinished, StepFailed, FeedPolled, TaskFailed, BackupMade, SignedIn)
HOUR = 3600.0
# A publisher that is away for one poll is no news.
LEAST_FAILURES = 3
BACKUP = "backup"


class NoticeListener:
    """Hears the events of HEARD, one after the other."""

    def __init__(self, store: Store, outbox: Outbox, settings: InForce, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._outbox = outbox
        self._settings = settings
        self._clock = clock
        self._ways: dict[type[Event], Callable[[Any], None]] = {
            StepFinished: self._step_finished,
            StepFailed: self._step_failed,
            FeedPolled: self._feed_polled,
            TaskFailed: self._task_failed,
            BackupMade: lambda _: self._outbox.over(BY_NAME["backup.failed"], BACKUP),
            SignedIn: self._signed_in,
        }

    def hear(self, event: Event) -> None:
        if (way := self._ways.get(type(event))) is not None:
            way(event)

    def _step_finished(self, event: StepFinished) -> None:
        # The last step of an episode: transcript and notes are there, by whichever engine.
        if event.step == Stage.PUBLISH.value and (title := self._title(event.episode_id)) is not None:
            item = {"episode_id": event.episode_id, "title": title}
            self._outbox.tell(BY_NAME["notes.ready"], f"episode:{event.episode_id}", item)

    def _step_failed(self, event: StepFailed) -> None:
        if (title := self._title(event.episode_id)) is not None:
            item = {"episode_id": event.episode_id, "title": title, "step": event.step, "code": event.code}
            self._outbox.tell(BY_NAME["job.failed"], f"episode:{event.episode_id}", item)

    def _title(self, episode_id: int) -> str | None:
        try:
            return episodes.get(self._store.read(), episode_id).title
        except NotFound:
            return None  # deleted meanwhile

    def _feed_polled(self, event: FeedPolled) -> None:
        try:
            feed = feeds.get(self._store.read(), event.feed_id)
        except NotFound:
            return
        subject = f"feed:{feed.id}"
        if event.error is None:
            item = {"feed_id": feed.id, "title": feed.title}
            self._outbox.over(BY_NAME["feed.failing"], subject, BY_NAME["feed.recovered"], item)
            return
        silent = self._clock() - (feed.last_success_at or feed.created_at)
        if feed.failures >= LEAST_FAILURES and silent >= self._settings.values.feed_failing_hours * HOUR:
            item = {"feed_id": feed.id, "title": feed.title, "hours": round(silent / HOUR), "code": event.error}
            self._outbox.tell(BY_NAME["feed.failing"], subject, item)

    def _task_failed(self, event: TaskFailed) -> None:
        if event.task == BACKUP:
            self._outbox.tell(BY_NAME["backup.failed"], BACKUP, {"code": event.code})

    def _signed_in(self, event: SignedIn) -> None:
        now, place = self._clock(), place_of(event.address, event.browser)
        if self._store.write(lambda db: sign_in_places.is_new(db, event.user_id, place, now=now)):
            item = {"address": event.address, "browser": event.browser or "?"}
            self._outbox.tell(BY_NAME["signin.new_place"], f"{event.user_id}:{place}", item, about=event.user_id)


def place_of(address: str, browser: str) -> str:
    """Return what stays the same while a person stays in one place: the network, and the kind of browser."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        network = address
    else:
        found = getattr(found, "ipv4_mapped", None) or found
        network = str(ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False))
    return f"{network} {browser}"[:200]
