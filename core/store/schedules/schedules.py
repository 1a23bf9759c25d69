"""The `schedules` table: what happens by itself, and when.

add ─▶ change ─▶ plan: when it comes next ─▶ due? ─▶ core.store.schedules.schedule_runs
remove ─▶ change: it comes back │ forget_removed
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from core.domain.schedules.schedule import Missed, Schedule, SchedulePriority
from core.errors import NotFound
from core.store.db.rows import assignments, build, columns, inserted_id
from core.store.db.sqlite import Database

_COLUMNS = columns(Schedule, "schedules")


def listing(db: Database) -> list[Schedule]:
    """Return all that are not removed: built-in ones first, then in the order of creation."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM schedules WHERE deleted_at IS NULL ORDER BY builtin = '', id")
    return [_schedule(row) for row in rows]


def find(db: Database, schedule_id: int) -> Schedule | None:
    """Return a schedule, removed or not."""
    row = db.execute(f"SELECT {_COLUMNS} FROM schedules WHERE id = ?", [schedule_id]).fetchone()
    return None if row is None else _schedule(row)


def get(db: Database, schedule_id: int) -> Schedule:
    """Return a schedule that is not removed. Raises NotFound."""
    found = find(db, schedule_id)
    if found is None or found.deleted_at is not None:
        raise NotFound(f"There is no schedule {schedule_id} (any more).", id=schedule_id)
    return found


def due(db: Database, *, now: float) -> list[Schedule]:
    """Return those whose time, or whose next try, has come: a higher priority first, then the one that was due first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM schedules WHERE deleted_at IS NULL AND NOT paused AND (next_at <= ? OR retry_at <= ?)",
        [now, now],
    )
    return sorted(map(_schedule, rows), key=lambda row: (-row.priority.rank, row.next_at or row.retry_at or 0.0, row.id))


def paused(db: Database, builtin: str) -> bool:
    """Return whether a built-in schedule is paused."""
    return db.execute("SELECT 1 FROM schedules WHERE builtin = ? AND builtin <> '' AND paused", [builtin]).fetchone() is not None


def add(db: Database, values: Mapping[str, Any], *, now: float) -> int:
    row = _written(values) | {"created_at": now}
    places = ", ".join(f":{name}" for name in row)
    return inserted_id(db.execute(f"INSERT INTO schedules ({', '.join(row)}) VALUES ({places})", row))


def change(db: Database, schedule_id: int, values: Mapping[str, Any]) -> None:
    if values:
        written = _written(values)
        db.execute(f"UPDATE schedules SET {assignments(written)} WHERE id = :id", written | {"id": schedule_id})


def remove(db: Database, schedule_id: int, *, now: float) -> None:
    """Hide a schedule; a change of `deleted_at` brings it back."""
    change(db, schedule_id, {"deleted_at": now, "retry_at": None})


def any_removed(db: Database, *, before: float) -> bool:
    """Return whether `forget_removed` would delete one."""
    return db.execute("SELECT 1 FROM schedules WHERE deleted_at < ? LIMIT 1", [before]).fetchone() is not None


def forget_removed(db: Database, *, before: float) -> None:
    """Delete schedules that were removed before that time, with their history."""
    db.execute("DELETE FROM schedules WHERE deleted_at < ?", [before])


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: json.dumps(value) if name == "parameters" else value for name, value in values.items()}


def _schedule(row: sqlite3.Row) -> Schedule:
    return build(
        Schedule,
        row,
        paused=bool(row["paused"]),
        priority=SchedulePriority(row["priority"]),
        missed=Missed(row["missed"]),
        parameters=json.loads(row["parameters"]),
    )
