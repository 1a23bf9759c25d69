"""The `schedule_runs` table: the history of each schedule, bounded.

begin ─▶ running ─▶ end: done │ failed │ skipped │ cancelled │ interrupted      the newest KEPT of each schedule stay
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.domain.schedules.schedule import RunCause, RunOutcome, ScheduleRun
from core.store.db.rows import build, columns, inserted_id
from core.store.db.sqlite import Database

KEPT = 50
_COLUMNS = columns(ScheduleRun, "schedule_runs")


def begin(db: Database, schedule_id: int, cause: RunCause, *, due_at: float, tries: int, now: float) -> ScheduleRun:
    """Add a run, and delete the oldest ones of the schedule beyond KEPT."""
    run = ScheduleRun(0, schedule_id, cause, RunOutcome.RUNNING, due_at=due_at, started_at=now, tries=tries)
    added = db.execute(
        "INSERT INTO schedule_runs (schedule_id, cause, outcome, due_at, started_at, tries) VALUES (?, ?, ?, ?, ?, ?)",
        [schedule_id, cause.value, run.outcome.value, due_at, now, tries],
    )
    _prune(db, schedule_id)
    return replace(run, id=inserted_id(added))


def hand_to_task(db: Database, run: ScheduleRun, task_id: int) -> ScheduleRun:
    db.execute("UPDATE schedule_runs SET task_id = ? WHERE id = ?", [task_id, run.id])
    return replace(run, task_id=task_id)


def end(
    db: Database,
    run: ScheduleRun,
    outcome: RunOutcome,
    *,
    now: float,
    error: Mapping[str, Any] | None = None,
    did: Mapping[str, Any] | None = None,
    lines: Sequence[str] = (),
) -> bool:
    """End a run that is still running; return whether it was."""
    changed = db.execute(
        "UPDATE schedule_runs SET outcome = ?, ended_at = ?, error = ?, did = ?, lines = ? WHERE id = ? AND outcome = 'running'",
        [
            outcome.value,
            now,
            json.dumps(error) if error else None,
            json.dumps(dict(did or {})),
            json.dumps(list(lines), ensure_ascii=False),
            run.id,
        ],
    )
    return bool(changed.rowcount)


def running(db: Database) -> list[ScheduleRun]:
    """Return the runs that are under way, in the order in which they began."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM schedule_runs INDEXED BY schedule_runs_running WHERE outcome = 'running'")
    return sorted(map(_run, rows), key=lambda run: run.id)


def is_running(db: Database, schedule_id: int) -> bool:
    found = db.execute("SELECT 1 FROM schedule_runs WHERE schedule_id = ? AND outcome = 'running'", [schedule_id])
    return found.fetchone() is not None


def listing(db: Database, schedule_id: int, *, limit: int = KEPT) -> list[ScheduleRun]:
    """Return the history of a schedule, newest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM schedule_runs WHERE schedule_id = ? ORDER BY id DESC LIMIT ?", [schedule_id, limit]
    )
    return [_run(row) for row in rows]


def last(db: Database, schedule_id: int) -> ScheduleRun | None:
    return next(iter(listing(db, schedule_id, limit=1)), None)


def _prune(db: Database, schedule_id: int) -> None:
    db.execute(
        "DELETE FROM schedule_runs WHERE schedule_id = :id AND outcome <> 'running' AND id <= coalesce("
        "(SELECT id FROM schedule_runs WHERE schedule_id = :id ORDER BY id DESC LIMIT 1 OFFSET :kept), 0)",
        {"id": schedule_id, "kept": KEPT},
    )


def _run(row: sqlite3.Row) -> ScheduleRun:
    return build(
        ScheduleRun,
        row,
        cause=RunCause(row["cause"]),
        outcome=RunOutcome(row["outcome"]),
        error=None if row["error"] is None else json.loads(row["error"]),
        did=json.loads(row["did"]),
        lines=tuple(json.loads(row["lines"])),
    )
