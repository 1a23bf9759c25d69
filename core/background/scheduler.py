"""Run tasks by the clock: poll the due feeds, and run the housekeeping that `every` registered.

    scheduler thread: step() each second ─▶ `schedule`: which are due? ─┬─ feeds ─▶ HostSlots (2 a host) ─▶ Crew of 16: a poll
                                                                        └─ housekeeping ─────────────────▶ 4 threads: a task
    a task that is queued or running already is not queued again

The scheduler only enqueues: polling makes rows and jobs, the runner does the work. A task that raises is logged and runs again
at its next time. A feed that hangs delays neither the feeds of other hosts nor the housekeeping.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from queue import SimpleQueue
from typing import Protocol
from urllib.parse import urlsplit

import schedule

from core.background.crew import Crew
from core.background.host_slots import HostSlots
from core.background.thread_group import ThreadGroup
from core.errors import NotFound, ShuttingDown
from core.net.addresses import pause

log = logging.getLogger(__name__)

AT_ONCE = 16
AT_ONCE_A_HOST = 2
CHORES_AT_ONCE = 4
STEP_SECONDS = 1.0
LOOK_SECONDS = 15.0
# Seconds. After a poll whose outcome could not be written (the disk is full), do not ask the publisher again right away.
REST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """A task to run. `host`: the server that it asks; None for housekeeping."""

    name: str
    run: Callable[[], None]
    host: str | None = None


Tasks = SimpleQueue[ScheduledTask | None]


class HandOut(Protocol):
    """The shape of `Scheduler.hand_out`."""

    def __call__(self, name: str, run: Callable[[Callable[[], None]], None], *, url: str) -> None: ...


class Feeds(Protocol):
    """The scheduler's view of the subscribed feeds."""

    def due(self) -> Sequence[tuple[int, str]]:
        """Return `(feed id, URL)` of each feed that is due."""

    def is_due(self, feed_id: int) -> bool:
        """Return whether the feed is still due: a poll by hand may have come first."""

    def poll(self, feed_id: int, *, check: Callable[[], None]) -> object:
        """Poll one feed. `check` raises ShuttingDown when the scheduler stops."""


class Scheduler:
    """The scheduler; its threads run between `start()` and `stop()`. A test calls `step()`, or `poll_due()`, directly."""

    def __init__(
        self,
        subscriptions: Feeds,
        *,
        look_seconds: float = LOOK_SECONDS,
        at_once: int = AT_ONCE,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._subscriptions = subscriptions
        self._paused = paused
        self._timetable = schedule.Scheduler()
        self._at_once = at_once
        self._polls: Crew[ScheduledTask] = Crew()
        self._chores: Tasks = SimpleQueue()
        self._turns: HostSlots[ScheduledTask] = HostSlots(AT_ONCE_A_HOST)
        self._in_hand: set[str] = set()
        self._resting: dict[int, float] = {}
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self.threads = ThreadGroup()
        self._looked_at = time.monotonic()
        self._timetable.every(look_seconds).seconds.do(self.poll_due)

    # --- life ---------------------------------------------------------------------------------

    def every(self, seconds: float, name: str, task: Callable[[], None]) -> None:
        """Register housekeeping, before `start`: first run after `seconds`, then every `seconds`, never twice at once."""
        self._timetable.every(seconds).seconds.do(self._hand_out, ScheduledTask(name, task))

    def start(self) -> None:
        """Start the threads and poll the due feeds at once.

        May follow a stop: threads that outlived it keep the old queues and the old event.
        """
        self._stopping = threading.Event()
        self._polls, self._chores, self._turns = Crew(), SimpleQueue(), HostSlots(AT_ONCE_A_HOST)
        self._in_hand.clear()
        self.threads.begin()
        self._looked_at = time.monotonic()
        for number in range(self._at_once):
            self.threads.spawn(f"poll-{number}", partial(self._poll_by_turns, self._polls, self._turns, self._stopping))
        for number in range(CHORES_AT_ONCE):
            self.threads.spawn(f"chore-{number}", partial(self._keep_house, self._chores, self._stopping))
        self.threads.spawn("scheduler", partial(self._loop, self._stopping))

    def stop(self, timeout: float = 2.0) -> bool:
        """End running polls and wait up to `timeout` seconds; a thread that hangs longer ends with the process.

        Return whether all threads have ended.
        """
        self._stopping.set()
        self._polls.close()
        for _ in range(len(self.threads)):
            self._chores.put(None)
        return self.threads.join(timeout)

    def lag(self) -> float:
        """Return by how many seconds the next look is late; 0 if it is not."""
        return max(time.monotonic() - self._looked_at - STEP_SECONDS, 0.0)

    def _loop(self, stopping: threading.Event) -> None:
        self._looked_at = time.monotonic()
        self._try(ScheduledTask("poll_due", self.poll_due))
        while not stopping.wait(STEP_SECONDS):
            self._looked_at = time.monotonic()
            self._try(ScheduledTask("step", self.step))

    def _poll_by_turns(self, crew: Crew[ScheduledTask], turns: HostSlots[ScheduledTask], stopping: threading.Event) -> None:
        pause.set(crew.waiting)
        while (task := crew.take()) is not None and not stopping.is_set():
            try:
                self._try(task)
            finally:
                # Also where this thread dies of it: the task comes round again, and the host's next one is not held up.
                with self._guard:
                    self._in_hand.discard(task.name)
                    following = turns.end(task.host) if task.host is not None else None
                if following:
                    crew.put(following)

    def _keep_house(self, chores: Tasks, stopping: threading.Event) -> None:
        while (task := chores.get()) is not None and not stopping.is_set():
            try:
                self._try(task)
            finally:
                with self._guard:
                    self._in_hand.discard(task.name)

    @staticmethod
    def _try(task: ScheduledTask) -> None:
        try:
            task.run()
        except ShuttingDown:
            log.debug("%s was ended", task.name)
        except Exception:
            log.exception("%s stumbled; it comes round again", task.name)

    # --- steps --------------------------------------------------------------------------------

    def step(self) -> None:
        """Queue each task that is due by now."""
        now = datetime.now()  # noqa: DTZ005 (the timetable's own times are local)
        for job in self._timetable.jobs:
            # The local clock was set back, as at the end of summer time: do not wait until it has caught up.
            if job.next_run - now > timedelta(seconds=job.interval):
                job.next_run = now
        self._timetable.run_pending()

    def poll_due(self) -> None:
        """Queue a poll of each due feed, unless intake or the schedule of polls is paused."""
        if self._paused():
            return
        now = time.monotonic()
        for feed_id, url in self._subscriptions.due():
            if self._resting.get(feed_id, now) <= now:
                self._hand_out(ScheduledTask(f"poll of feed {feed_id}", partial(self._poll, feed_id), _host(url)))

    def busy(self) -> bool:
        """Return whether any task is queued or running."""
        with self._guard:
            return bool(self._in_hand)

    def hand_out(self, name: str, run: Callable[[Callable[[], None]], None], *, url: str) -> None:
        """Queue `run` among the polls, within the limit of the URL's host; a name that is queued or running is not queued again.

        `run` gets a function to call now and then, which raises ShuttingDown when the scheduler stops.
        """
        self._hand_out(ScheduledTask(name, partial(run, self._check), _host(url)))

    def keep_house(self, name: str, run: Callable[[Callable[[], None]], None]) -> None:
        """Queue `run` among the housekeeping, with the same `check` as `hand_out`."""
        self._hand_out(ScheduledTask(name, partial(run, self._check)))

    def _hand_out(self, task: ScheduledTask) -> None:
        with self._guard:
            if task.name in self._in_hand:
                return
            self._in_hand.add(task.name)
            may_run = task if task.host is None else self._turns.add(task.host, task)
        if may_run and task.host is None:
            self._chores.put(may_run)
        elif may_run:
            self._polls.put(may_run)

    def _poll(self, feed_id: int) -> None:
        try:
            # The feed may have been polled since the list was read: after a minute in a host's queue, or by a click.
            if self._subscriptions.is_due(feed_id):
                self._subscriptions.poll(feed_id, check=self._check)
        except NotFound:
            log.debug("feed %d was removed meanwhile", feed_id)
        except ShuttingDown:
            raise
        except Exception:
            self._resting[feed_id] = time.monotonic() + REST_SECONDS
            raise

    def _check(self) -> None:
        if self._stopping.is_set():
            raise ShuttingDown()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
