"""Reading feeds that somebody asked for, in the background: beside the polls that come by themselves, by turns of their hosts.

    feeds that are left ─▶ hand_out: 16 at once, 2 a host ─▶ Subscriptions.poll ─▶ an outcome each ─▶ done of total
         └─ cancelled, the server stops ─▶ what has not begun is left alone, what is being fetched ends

What came of each stands at the feed. A feed whose outcome a crash has lost is read again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from core.background.task_kind import TaskContext, TaskKind
from core.errors import NotFound, Restoring, Stopped
from core.services.feeds.imports import HandOut
from core.services.feeds.polls import Check
from core.services.feeds.subscriptions import Subscriptions

log = logging.getLogger(__name__)

# Seconds between two looks whether it is to end.
LOOK_SECONDS = 0.2
# New episodes, and whether the feed failed.
ReadOutcome = tuple[int, bool]


class RefreshTask(TaskKind):
    """`done` counts feeds; `detail.new` their new episodes, `detail.failed` feeds that could not be read."""

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
        """As they come. Raises Cancelled, ShuttingDown."""
        came: SimpleQueue[tuple[str, ReadOutcome]] = SimpleQueue()
        for feed_id, url in feeds.items():
            # The task's own name: what another one has left behind in a host's line does not stand for this.
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
            # The run that asked has ended, or another one after the next start asks again.
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
