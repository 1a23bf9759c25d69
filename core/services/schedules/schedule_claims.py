"""The transactions of a schedule's runs. Each time is claimed exactly once: the row moves on with the row of the run, then work.

claim ─▶ next_at moves on, a run is `running` ─▶ finish: done │ failed, interrupted ─▶ retry_at, by the schedule's rule
   └─ missed, and to be skipped │ the run before it is still under way ─▶ next_at moves on alone
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from core.domain.schedules.cron import Cron
from core.domain.schedules.schedule import RunCause, RunOutcome, Schedule, ScheduleRun
from core.domain.schedules.timetable import retry_at, turn
from core.errors import ScheduleRunning
from core.store.db.sqlite import Database
from core.store.schedules import schedule_runs, schedules


def claim(db: Database, schedule_id: int, zone: tzinfo, *, now: float) -> ScheduleRun | None:
    """Claim a schedule whose time, or next try, has come; None if it has not (any more), or is not to run."""
    row = schedules.find(db, schedule_id)
    if row is None or row.deleted_at is not None or row.paused:
        return None
    if row.next_at is not None and row.next_at <= now:
        return _claim_time(db, row, row.next_at, zone, now=now)
    if row.retry_at is not None and row.retry_at <= now and not schedule_runs.is_running(db, row.id):
        schedules.change(db, row.id, {"retry_at": None, "tries": row.tries + 1})
        due_at = row.retry_at if row.last_at is None else row.last_at
        return schedule_runs.begin(db, row.id, RunCause.RETRY, due_at=due_at, tries=row.tries + 1, now=now)
    return None


def _claim_time(db: Database, row: Schedule, next_at: float, zone: tzinfo, *, now: float) -> ScheduleRun | None:
    decided = turn(Cron.of(row.cron), zone, next_at=next_at, now=now, missed=row.missed)
    busy = schedule_runs.is_running(db, row.id)
    moved = {"next_at": decided.next_at, "last_at": decided.due_at}
    schedules.change(db, row.id, moved if busy else moved | {"retry_at": None, "tries": 0})
    if busy:
        return None
    cause = RunCause.MADE_UP if decided.late else RunCause.TIME
    run = schedule_runs.begin(db, row.id, cause, due_at=decided.due_at, tries=0, now=now)
    if decided.run:
        return run
    schedule_runs.end(db, run, RunOutcome.SKIPPED, now=now, did={"missed": 1})
    return None


def claim_by_hand(db: Database, schedule_id: int, *, now: float) -> ScheduleRun:
    """Begin a run that a person asked for, also of a paused schedule; its times stay. Raises NotFound, ScheduleRunning."""
    row = schedules.get(db, schedule_id)
    if schedule_runs.is_running(db, row.id):
        raise ScheduleRunning()
    schedules.change(db, row.id, {"retry_at": None, "tries": 0})
    return schedule_runs.begin(db, row.id, RunCause.HAND, due_at=now, tries=0, now=now)


def finish(
    db: Database,
    run: ScheduleRun,
    outcome: RunOutcome,
    *,
    now: float,
    error: Mapping[str, Any] | None = None,
    did: Mapping[str, Any] | None = None,
    lines: Sequence[str] = (),
) -> None:
    """End a run, and plan the next try of one that failed or was interrupted. A run by hand is not tried again."""
    if not schedule_runs.end(db, run, outcome, now=now, error=error, did=did, lines=lines):
        return
    row = schedules.find(db, run.schedule_id)
    if row is None or run.cause is RunCause.HAND:
        return
    again = outcome in (RunOutcome.FAILED, RunOutcome.INTERRUPTED) and row.deleted_at is None
    at = retry_at(tries=row.tries, retries=row.retries, first=row.retry_seconds, now=now) if again else None
    schedules.change(db, row.id, {"retry_at": at, "tries": row.tries if at else 0})
