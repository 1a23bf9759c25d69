"""The `tasks` table: background tasks, from creation to the end.

    add ─▶ queued ─claim─▶ running ─keep─▶ … ─▶ finish: done │ failed │ cancelled ─▶ forget
                              └─ the server ends ─▶ take_back: queued with its checkpoint │ failed (task_interrupted)

Lists omit `arguments` and `checkpoint`, which may hold thousands of ids. `started_at` identifies a run of a task: only the newest
run may write.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core import events
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import Conflict, NotFound, TaskInterrupted
from core.store.db.rows import assignments, build, columns, inserted_id
from core.store.db.sqlite import Database

# The most starts without progress; a task that needs more is probably crashing the server.
MOST_STARTS = 3
_COLUMNS = columns(Task, "tasks")
_UNFINISHED = "state IN ('queued', 'running')"
_JSON = ("detail", "error", "checkpoint")


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to add. `arguments` and `detail` are JSON; `total` is 0 while unknown."""

    kind: str
    arguments: Mapping[str, Any]
    key: str = ""
    what: str = ""
    total: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)


# --- asking -----------------------------------------------------------------------------------------


def get(db: Database, task_id: int) -> Task:
    """Return a task. Raises NotFound."""
    row = db.execute(f"SELECT {_COLUMNS} FROM tasks WHERE id = ?", [task_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no task {task_id} (any more).", id=task_id)
    return _task(row)


def listing(db: Database) -> list[Task]:
    """Return all tasks in the order of creation."""
    return [_task(row) for row in db.execute(f"SELECT {_COLUMNS} FROM tasks ORDER BY id")]


def unfinished(db: Database) -> list[Task]:
    """Return running and waiting tasks in the order of creation."""
    return [_task(row) for row in db.execute(f"SELECT {_COLUMNS} FROM tasks WHERE {_UNFINISHED} ORDER BY id")]


def arguments(db: Database, task_id: int) -> tuple[dict[str, Any], Any]:
    """Return (arguments, checkpoint); the checkpoint is None before the first. Raises NotFound."""
    row = db.execute("SELECT arguments, checkpoint FROM tasks WHERE id = ?", [task_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no task {task_id} (any more).", id=task_id)
    return json.loads(row["arguments"]), None if row["checkpoint"] is None else json.loads(row["checkpoint"])


# --- a task's way -----------------------------------------------------------------------------------


def add(db: Database, new: NewTask, *, now: float) -> int:
    row = {
        "kind": new.kind,
        "key": new.key,
        "what": new.what,
        "total": new.total,
        "arguments": json.dumps(dict(new.arguments)),
        "detail": json.dumps(dict(new.detail)),
        "created_at": now,
    }
    places = ", ".join(f":{name}" for name in row)
    return inserted_id(db.execute(f"INSERT INTO tasks ({', '.join(row)}) VALUES ({places})", row))


def claim(db: Database, task_id: int, *, now: float) -> Task | None:
    """Start a waiting task; return None if it no longer waits."""
    taken = db.execute(
        "UPDATE tasks SET state = 'running', started_at = max(?, coalesce(started_at + 0.001, 0)), starts = starts + 1 "
        "WHERE id = ? AND state = 'queued'",
        [now, task_id],
    )
    if not taken.rowcount:
        return None
    task = get(db, task_id)
    events.record(events.TaskStarted(task_id=task.id, task=task.kind))
    return task


def keep(db: Database, run: Task, values: Mapping[str, Any]) -> bool:
    """Store a run's progress; return False if the task no longer belongs to this run."""
    kept = {name: json.dumps(value) if name in _JSON and value is not None else value for name, value in values.items()}
    if "checkpoint" in kept:
        kept["starts"] = 0
    changed = db.execute(
        f"UPDATE tasks SET {assignments(kept)} WHERE id = :id AND state = 'running' AND started_at = :run",
        kept | {"id": run.id, "run": run.started_at},
    )
    return bool(changed.rowcount)


def finish(db: Database, run: Task, state: State, error: Mapping[str, Any] | None, *, now: float) -> None:
    """End a task that still belongs to this run."""
    if keep(db, run, {"state": state.value, "error": error, "finished_at": now}):
        _tell_end(run, state, error)


def ask_to_cancel(db: Database, task_id: int, *, now: float) -> Task:
    """End a waiting task, or request the cancel of a running one. Raises NotFound."""
    task = get(db, task_id)
    if task.state is State.QUEUED:
        _end(db, task, State.CANCELLED, None, now=now)
    elif task.state is State.RUNNING:
        db.execute("UPDATE tasks SET cancel_requested = 1 WHERE id = ?", [task_id])
    return get(db, task_id)


def forget(db: Database, task_id: int) -> None:
    """Delete a task. Raises NotFound, and Conflict while it is unfinished."""
    if not get(db, task_id).finished:
        raise Conflict("The task is under way. Cancel it first.", state="running")
    delete(db, [task_id])


def delete(db: Database, task_ids: Iterable[int]) -> None:
    for task_id in task_ids:
        db.execute("DELETE FROM tasks WHERE id = ?", [task_id])


# --- the server ends --------------------------------------------------------------------------------


def take_back(db: Database, resumed: Collection[str], told: Collection[str], *, now: float) -> list[Task]:
    """At a start, queue the tasks of `resumed` kinds that were running, and fail those of `told` kinds; return them."""
    ran = [(_task(row), row["starts"]) for row in db.execute(f"SELECT {_COLUMNS}, starts FROM tasks WHERE state = 'running'")]
    for task, starts in ran:
        if task.cancel_requested:
            _end(db, task, State.CANCELLED, None, now=now)
        elif task.kind in told or starts >= MOST_STARTS:
            _end(db, task, State.FAILED, TaskInterrupted().to_dict(), now=now)
        elif task.kind in resumed:
            db.execute("UPDATE tasks SET state = 'queued' WHERE id = ?", [task.id])
    return [task for task, _ in ran]


def put_back(db: Database, run: Task, *, resumes: bool, now: float) -> None:
    """Do the same for one task at an orderly stop: the start is not counted."""
    if get(db, run.id).cancel_requested:
        finish(db, run, State.CANCELLED, None, now=now)
    elif resumes:
        keep(db, run, {"state": State.QUEUED.value, "starts": 0})
    else:
        finish(db, run, State.FAILED, TaskInterrupted().to_dict(), now=now)


def interrupt_all(db: Database, forgotten: Collection[str], *, now: float) -> None:
    """In a copy of the database to be restored, mark unfinished tasks as interrupted. Records no event.

    `forgotten` are kinds to delete instead: the task that made this very copy is unfinished in it.
    """
    for kind in forgotten:
        db.execute(f"DELETE FROM tasks WHERE kind = ? AND {_UNFINISHED}", [kind])
    db.execute(
        f"UPDATE tasks SET state = 'failed', error = ?, finished_at = ? WHERE {_UNFINISHED}",
        [json.dumps(TaskInterrupted().to_dict()), now],
    )


def _end(db: Database, task: Task, state: State, error: Mapping[str, Any] | None, *, now: float) -> None:
    db.execute(
        "UPDATE tasks SET state = ?, error = ?, finished_at = ? WHERE id = ?",
        [state.value, json.dumps(error) if error else None, now, task.id],
    )
    _tell_end(task, state, error)


def _tell_end(task: Task, state: State, error: Mapping[str, Any] | None) -> None:
    if state is State.FAILED:
        told = error or {}
        events.record(
            events.TaskFailed(task_id=task.id, task=task.kind, code=str(told.get("code", "")), detail=str(told.get("detail", "")))
        )
        return
    kind = events.TaskFinished if state is State.DONE else events.TaskCancelled
    events.record(kind(task_id=task.id, task=task.kind))


def _task(row: sqlite3.Row) -> Task:
    return build(
        Task,
        row,
        state=State(row["state"]),
        detail=json.loads(row["detail"]),
        error=None if row["error"] is None else json.loads(row["error"]),
        cancel_requested=bool(row["cancel_requested"]),
    )
