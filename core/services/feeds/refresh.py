"""Refreshing feeds on demand (`castmind.refresh`), one or all, in addition to the scheduled polls.

    ask(ids) ─▶ Tasks.begin ─▶ RefreshTask          state ─▶ progress: done, total
    cancel ─▶ waiting polls are dropped, running fetches are ended

The outcome of each poll is stored in the feed's row only. A refresh resumes after a restart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.background.tasks import Tasks
from core.domain.accounts.actor import Actor
from core.domain.feeds.folder_feed import is_local
from core.domain.jobs.task import Task
from core.errors import NotFound
from core.services.feeds.refresh_task import RefreshTask
from core.services.feeds.subscriptions import Subscriptions


@dataclass(frozen=True, slots=True)
class Refresh:
    """The progress of the current or last round of refreshes. `waiting`: the ids of feeds not polled yet."""

    waiting: frozenset[int] = frozenset()
    done: int = 0
    new: int = 0
    failed: int = 0

    @property
    def running(self) -> bool:
        return bool(self.waiting)

    @property
    def total(self) -> int:
        return self.done + len(self.waiting)


class FeedRefresh:
    """Starts, watches and cancels refreshes. Thread-safe."""

    def __init__(self, subscriptions: Subscriptions, tasks: Tasks) -> None:
        self._subscriptions = subscriptions
        self._tasks = tasks

    def state(self, actor: Actor) -> Refresh:
        """Return the progress, at most a second old."""
        tasks = _last_round(self._tasks.listing(RefreshTask.name))
        return Refresh(
            frozenset(feed_id for task in tasks for feed_id in self._waiting(task)),
            sum(task.done for task in tasks),
            sum(task.detail.get("new", 0) for task in tasks),
            sum(task.detail.get("failed", 0) for task in tasks),
        )

    def ask(self, actor: Actor, feed_ids: Iterable[int] | None = None) -> Refresh:
        """Start polling these feeds, or all of them, in the background. Raises NotFound."""
        urls = {row.feed.id: row.feed.url for row in self._subscriptions.listing(actor) if not is_local(row.feed.url)}
        wanted = list(urls) if feed_ids is None else list(dict.fromkeys(feed_ids))
        for feed_id in wanted:
            if feed_id not in urls:
                raise NotFound(f"There is no feed {feed_id} that could be read.", id=feed_id)
        waiting = self.state(actor).waiting
        feeds = {str(feed_id): host_of(urls[feed_id]) for feed_id in wanted if feed_id not in waiting}
        if feeds:
            self._tasks.begin(RefreshTask.name, {"feeds": feeds}, total=len(feeds))
        return self.state(actor)

    def cancel(self, actor: Actor) -> Refresh:
        """Cancel all unfinished refreshes. Feeds that were polled keep their results."""
        for task in self._tasks.listing(RefreshTask.name):
            if not task.finished:
                self._tasks.cancel(task.id)
        return self.state(actor)

    def _waiting(self, task: Task) -> set[int]:
        if task.finished or task.cancel_requested:
            return set()
        arguments, done = self._tasks.work(task.id)
        return {int(feed_id) for feed_id in arguments["feeds"].keys() - set(done or [])}


def _last_round(tasks: list[Task]) -> list[Task]:
    """Return the last task, and the tasks before it that overlapped: each was unfinished when the next was created."""
    last: list[Task] = []
    for task in reversed(tasks):
        if last and task.finished_at is not None and task.finished_at < last[-1].created_at:
            break
        last.append(task)
    return last


def host_of(url: str) -> str:
    """Return scheme and host only: the full URL may contain a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}"
