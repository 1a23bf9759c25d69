"""The background task that polls feeds on request, in addition to the scheduled polls and under the same limits per host.

    remaining feeds ─▶ hand_out: 16 at once, 2 per host ─▶ Subscriptions.poll ─▶ outcome of each ─▶ progress: done, total
         └─ cancelled, or the server stops ─▶ waiting polls are dropped, running fetches are ended

The outcome of each poll is stored in the feed's row. If a crash loses the record of a poll, the feed is polled again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from core.background.scheduler import HandOut
from core.background.task_kind import TaskContext, TaskKind
from core.errors import NotFound, Restoring, Stopped
from core.services.feeds.polls import Check
from core.services.feeds.subscriptions import Subscriptions

log = logging.getLogger(__name__)

# Seconds between two checks for a cancellation or a shutdown.
LOOK_SECONDS = 0.2
# The number of new episodes, and whether the poll failed.
ReadOutcome = tuple[int, bool]


class RefreshTask(TaskKind):
    """Polls feeds. `done` counts feeds, `detail.new` their new episodes, `detail.failed` the feeds that could not be read."""

    name = "refresh"

    def __init__(self, subscriptions: Subscriptions, *, hand_out: HandOut) -> None:
        self._subscriptions = subscriptions
        self._hand_out = hand_out

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        feeds: dict[str, str] = arguments["feeds"]
        done: list[str] = ctx.checkpoint or []
        new, failed = int(ctx.task.detail.get("new", 0)), int(ctx.task.detail.get("failed", 0))
        for feed_id, (brought, broke) in self._outcomes(ctx, {each: feeds[each] for each in feeds if each not in set(done)}):
            done, new, failed = [*done, feed_id], new + brought, failed + broke
            ctx.report(done=len(done), checkpoint=done, new=new, failed=failed)

    def _outcomes(self, ctx: TaskContext, feeds: Mapping[str, str]) -> Iterable[tuple[str, ReadOutcome]]:
        """Poll the feeds and yield each outcome as it arrives. Raises Cancelled, ShuttingDown."""
        came: SimpleQueue[tuple[str, ReadOutcome]] = SimpleQueue()
        for feed_id, url in feeds.items():
            # The name includes the task's id: a poll that another task left in the queue of a host must not count as this one.
            name, tell = f"refresh {ctx.task.id} of feed {feed_id}", partial(_tell, came, feed_id)
            self._hand_out(name, partial(self._read, ctx, int(feed_id), tell), url=url)
        for _ in feeds:
            yield _next(came, ctx)

    def _read(self, ctx: TaskContext, feed_id: int, tell: Callable[[ReadOutcome], None], check: Check) -> None:
        def still_wanted() -> None:
            check()
            ctx.check()

        try:
            still_wanted()
            polled = self._subscriptions.poll(feed_id, check=still_wanted, anew=True)
        except (Stopped, Restoring):
            # Either this run has ended, or the next start of the server repeats the poll.
            log.debug("the refresh of feed %d was ended", feed_id)
            if not ctx.ended():
                raise
        except NotFound:
            tell((0, False))
        except Exception:
            tell((0, True))
            raise
        else:
            tell((polled.taken.new, polled.error is not None))


def _tell(came: SimpleQueue[tuple[str, ReadOutcome]], feed_id: str, outcome: ReadOutcome) -> None:
    came.put((feed_id, outcome))


def _next(came: SimpleQueue[tuple[str, ReadOutcome]], ctx: TaskContext) -> tuple[str, ReadOutcome]:
    while True:
        try:
            return came.get(timeout=LOOK_SECONDS)
        except Empty:
            ctx.check()
            ctx.report()
