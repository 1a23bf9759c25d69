"""Runs schedules. The scheduler calls `step` each second; it only claims and hands out.

step ─▶ plan (once a minute): clock, zone, settings ─▶ next_at
     ─▶ follow: tasks that do the work of a run, and have ended ─▶ finish
     ─▶ due ─▶ claim (a transaction) ─▶ hand out: a task │ a thread of the scheduler ─▶ finish
prepare (at a start) ─▶ built-in rows ─▶ runs that a kill broke off: interrupted, tried again by their rule
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from typing import Any

from core.background.run_lines import RunLines, collecting
from core.background.tasks import Tasks
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.domain.schedules.cron import Cron
from core.domain.schedules.schedule import Missed, RunOutcome, Schedule, ScheduleRun
from core.domain.schedules.timetable import MOST_WAIT, replanned
from core.errors import CastMindError, DeletionRests, NotFound, ScheduleInterrupted, ShuttingDown, TaskBroke, UserError
from core.services.schedules import schedule_claims
from core.services.schedules.builtin import BUILTIN, ensure
from core.services.schedules.kind import ByTask, ByThread, ByTransaction, Counts, ScheduleKind
from core.services.schedules.zones import local_zone, zone_of
from core.settings import InForce
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs.tasks import NewTask
from core.store.schedules import schedule_runs, schedules

log = logging.getLogger(__name__)

PLAN_SECONDS = 60.0
# After a claim that could not be written (the disk is full), leave that schedule alone for a minute.
REST_SECONDS = 60.0
KEPT_REMOVED = 24 * 3600.0
_OUTCOMES = {State.DONE: RunOutcome.DONE, State.FAILED: RunOutcome.FAILED, State.CANCELLED: RunOutcome.CANCELLED}

HandToThread = Callable[[str, Callable[[Callable[[], None]], None]], None]


class ScheduleEngine:
    """Thread-safe. `hand_out` runs a function in a thread of the scheduler; `rests` says whether deletion pauses."""

    def __init__(
        self,
        store: Store,
        preferences: InForce,
        tasks: Tasks,
        *,
        hand_out: HandToThread,
        rests: Callable[[], bool] = lambda: False,
        lines: RunLines | None = None,
        kinds: Callable[[], Iterable[ScheduleKind]] = tuple,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._tasks = tasks
        self._hand_out = hand_out
        self._rests = rests
        self._lines = lines or RunLines()
        self._clock = clock
        self._make_kinds = kinds
        self._made: dict[str, ScheduleKind] = {}
        self._planned: float | None = None
        self._resting: dict[int, float] = {}

    @property
    def _kinds(self) -> dict[str, ScheduleKind]:
        """Make the kinds at the first use: they are made of services that come after this one."""
        if not self._made:
            self._made = {kind.name: kind for kind in self._make_kinds()}
        return self._made

    def kind(self, name: str) -> ScheduleKind:
        """Return a kind by its name. Raises UserError."""
        if name not in self._kinds:
            raise UserError(f"There is no kind of schedule {name[:80]!r}. Nothing was changed.", case="schedule_values")
        return self._kinds[name]

    def kinds(self) -> list[ScheduleKind]:
        return list(self._kinds.values())

    # --- life -----------------------------------------------------------------------------------

    def prepare(self) -> None:
        """At a start: add missing built-in schedules, and end the runs that the last end of the server broke off."""
        now = self._clock()

        def change(db: Database) -> list[ScheduleRun]:
            ensure(db, now=now)
            broken = [run for run in schedule_runs.running(db) if run.task_id is None]
            for run in broken:
                schedule_claims.finish(db, run, RunOutcome.INTERRUPTED, now=now, error=ScheduleInterrupted().to_dict())
            return broken

        for run in self._store.write(change):
            log.info("run %d of the schedule %d was under way when the server ended", run.id, run.schedule_id)
        self._planned = None
        self._resting.clear()
        self.plan(now)

    # --- the clock --------------------------------------------------------------------------------

    def step(self) -> None:
        """Plan, follow, claim what is due."""
        now = self._clock()
        if self._planned is None or not 0 <= now - self._planned < PLAN_SECONDS:
            self.plan(now)
        self.follow(now)
        for row in schedules.due(self._store.read(), now=now):
            if self._resting.get(row.id, now) <= now:
                self._begin(row, now)

    def plan(self, now: float) -> None:
        """Bring each `next_at` into line with the clock, the zone, the settings, and with what is missing."""
        self._planned = now
        rows = schedules.listing(self._store.read())
        changes = {row.id: values for row in rows if (values := self._plan(row, now))}
        if not changes and not schedules.any_removed(self._store.read(), before=now - KEPT_REMOVED):
            return

        def change(db: Database) -> None:
            for schedule_id, values in changes.items():
                schedules.change(db, schedule_id, values)
            schedules.forget_removed(db, before=now - KEPT_REMOVED)

        self._store.write(change)

    def _plan(self, row: Schedule, now: float) -> dict[str, Any]:
        values = self._of_settings(row)
        now_is = replace(row, **values)
        again = None if now_is.paused or row.retry_at is None else min(row.retry_at, now + max(row.retry_seconds, MOST_WAIT))
        planned = {"next_at": self._next(now_is, now, anew="cron" in values), "retry_at": again}
        return values | {name: value for name, value in planned.items() if value != getattr(row, name)}

    def _of_settings(self, row: Schedule) -> dict[str, Any]:
        """Return what the settings, which are the source of truth for it, say otherwise than the row."""
        spec = BUILTIN.get(row.builtin)
        said = spec.settings(self._preferences.values) if spec and spec.settings else {}
        return {name: value for name, value in said.items() if getattr(row, name) != value}

    def _next(self, row: Schedule, now: float, *, anew: bool = False) -> float | None:
        if not row.cron or row.paused:
            return None
        zone = self._zone(row)
        kind = self._kinds.get(row.kind)
        planned = replanned(Cron.of(row.cron), zone, next_at=None if anew else row.next_at, last_at=row.last_at, now=now)
        missing = kind.overdue(now) if kind and row.missed is Missed.ONCE and row.retry_at is None else None
        return planned if missing is None or schedule_runs.is_running(self._store.read(), row.id) else missing

    def _zone(self, row: Schedule) -> tzinfo:
        try:
            return zone_of(row.zone)
        except UserError:
            # A zone that this computer does not know (any more).
            return local_zone()

    # --- runs -------------------------------------------------------------------------------------

    def run_now(self, schedule_id: int) -> ScheduleRun:
        """Begin a run by hand. Raises NotFound, ScheduleRunning."""
        now = self._clock()
        row = schedules.get(self._store.read(), schedule_id)
        begun = self._claimed(row, now, partial(schedule_claims.claim_by_hand, schedule_id=row.id, now=now))
        assert begun is not None
        return begun

    def _begin(self, row: Schedule, now: float) -> None:
        if row.kind not in self._kinds:
            self._resting[row.id] = now + 3600.0
            log.warning("the schedule %d is of a kind that is not known: %s", row.id, row.kind)
            return
        try:
            self._claimed(row, now, partial(schedule_claims.claim, schedule_id=row.id, zone=self._zone(row), now=now))
            self._resting.pop(row.id, None)
        except CastMindError as error:
            self._resting[row.id] = now + REST_SECONDS
            log.warning("the schedule %d cannot begin yet: %s", row.id, error)

    def _claimed(self, row: Schedule, now: float, claim: Callable[[Database], ScheduleRun | None]) -> ScheduleRun | None:
        kind = self.kind(row.kind)
        work = self._prepared(kind, row, now)

        def change(db: Database) -> ScheduleRun | None:
            run = claim(db)
            if run is None or not isinstance(kind, ByTask):
                return run
            if isinstance(work, NewTask):
                return schedule_runs.hand_to_task(db, run, self._tasks.add(db, _marked(work, run)).id)
            self._ended_at_once(db, run, work, now)
            return run

        run = self._store.write(change)
        if run is not None:
            logging.getLogger().addHandler(self._lines)
            log.debug("schedule %d (%s): run %d begins", row.id, row.kind, run.id)
            self._hand_over(kind, row, run)
        return run

    def _prepared(self, kind: ScheduleKind, row: Schedule, now: float) -> NewTask | Exception | None:
        if not isinstance(kind, ByTask):
            return None
        try:
            return kind.task(row, now)
        except Exception as error:
            return error

    def _ended_at_once(self, db: Database, run: ScheduleRun, work: object, now: float) -> None:
        """End a run without a task: there was nothing to do, or it could not begin."""
        if isinstance(work, Exception):
            schedule_claims.finish(db, run, RunOutcome.FAILED, now=now, error=_told(work))
        else:
            schedule_claims.finish(db, run, RunOutcome.DONE, now=now)

    def _hand_over(self, kind: ScheduleKind, row: Schedule, run: ScheduleRun) -> None:
        if run.task_id is not None:
            self._tasks.hand_out()
        elif not isinstance(kind, ByTask):
            self._hand_out(f"run {run.id} of the schedule {row.id}", partial(self._work, kind, row, run))

    def _work(self, kind: ScheduleKind, row: Schedule, run: ScheduleRun, check: Callable[[], None]) -> None:
        """Do the work of a run, in a thread of the scheduler."""
        with collecting(run.id):
            try:
                self._done(kind, row, run, check)
            except ShuttingDown:
                raise  # the next start ends it as interrupted
            except DeletionRests as error:
                self._finish(run, RunOutcome.SKIPPED, error=error.to_dict())
            except Exception as error:
                if not isinstance(error, CastMindError):
                    log.exception("run %d of the schedule %d broke", run.id, row.id)
                self._finish(run, RunOutcome.FAILED, error=_told(error))

    def _done(self, kind: ScheduleKind, row: Schedule, run: ScheduleRun, check: Callable[[], None]) -> None:
        if kind.careful and self._rests():
            raise DeletionRests()
        if isinstance(kind, ByTransaction):

            def change(db: Database) -> None:
                did = kind.change(db, row, self._clock())
                schedule_claims.finish(db, run, RunOutcome.DONE, now=self._clock(), did=did, lines=self._lines.take(run.id))

            self._store.write(change)
        elif isinstance(kind, ByThread):
            self._finish(run, RunOutcome.DONE, did=kind.run(row, check))

    def _finish(self, run: ScheduleRun, outcome: RunOutcome, **more: Any) -> None:
        lines = self._lines.take(run.id)
        end = partial(schedule_claims.finish, run=run, outcome=outcome, now=self._clock(), lines=lines, **more)
        self._store.write(end)
        log.debug("schedule %d: run %d is %s", run.schedule_id, run.id, outcome.value)

    # --- runs by tasks ------------------------------------------------------------------------------

    def follow(self, now: float) -> None:
        """End the runs whose tasks have ended."""
        running = schedule_runs.running(self._store.read())
        if not running:
            logging.getLogger().removeHandler(self._lines)
        for run in running:
            if run.task_id is not None:
                self._follow(run, run.task_id, now)

    def _follow(self, run: ScheduleRun, task_id: int, now: float) -> None:
        try:
            task = self._tasks.get(task_id)
        except NotFound:
            self._finish(run, RunOutcome.INTERRUPTED, error=ScheduleInterrupted().to_dict())
            return
        if task.finished:
            self._finish(run, _OUTCOMES[task.state], error=task.error, did=self._did(run, task))

    def _did(self, run: ScheduleRun, task: Task) -> Counts:
        row = schedules.find(self._store.read(), run.schedule_id)
        kind = self._kinds.get(row.kind) if row else None
        return kind.did(task) if isinstance(kind, ByTask) and task.state is State.DONE else {}


def _marked(work: NewTask, run: ScheduleRun) -> NewTask:
    return replace(work, detail=dict(work.detail) | {"run": run.id})


def _told(error: Exception) -> Mapping[str, Any]:
    return error.to_dict() if isinstance(error, CastMindError) else TaskBroke().to_dict()
