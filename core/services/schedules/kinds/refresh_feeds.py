"""Check podcasts for new episodes: chosen ones, or all. The built-in polls are the same when a person runs them now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from core.domain.accounts.actor import SYSTEM
from core.domain.feeds.folder_feed import is_local
from core.domain.jobs.task import Task
from core.domain.schedules.schedule import Schedule
from core.errors import UserError
from core.services.feeds.refresh import host_of
from core.services.feeds.refresh_task import RefreshTask
from core.services.feeds.subscriptions import Subscriptions
from core.services.schedules.kind import ByTask, Counts, known
from core.store.jobs.tasks import NewTask

MOST = 500


class RefreshFeeds(ByTask):
    """`feeds` are ids; none means all. Those that were removed meanwhile are passed over."""

    name: ClassVar[str] = "refresh"
    own: ClassVar[bool] = True

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    def checked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known(parameters, "feeds")
        chosen = parameters.get("feeds", [])
        if not isinstance(chosen, list) or len(chosen) > MOST or not all(type(each) is int for each in chosen):
            raise UserError(f"feeds is a list of at most {MOST} ids. Nothing was changed.", case="schedule_values")
        return {"feeds": list(dict.fromkeys(chosen))}

    def task(self, row: Schedule, now: float) -> NewTask | None:
        chosen = set(row.parameters.get("feeds", ()))
        rows = [each.feed for each in self._subscriptions.listing(SYSTEM) if not is_local(each.feed.url)]
        hosts = {str(feed.id): host_of(feed.url) for feed in rows if not chosen or feed.id in chosen}
        return NewTask(RefreshTask.name, {"feeds": hosts}, total=len(hosts)) if hosts else None

    def did(self, task: Task) -> Counts:
        return {"feeds": task.done, "new": int(task.detail.get("new", 0)), "failed": int(task.detail.get("failed", 0))}


class AllPolls(RefreshFeeds):
    """The built-in row of all polls. They come when each feed is due; a run by hand checks all of them."""

    name = "polls"
    own = False

    def checked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known(parameters)
        return {}
