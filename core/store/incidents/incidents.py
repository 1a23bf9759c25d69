"""The `incidents` table, bounded in number. Queries that return incidents belong here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from core.domain.incident import Incident
from core.errors import NotFound
from core.store.db.rows import inserted_id
from core.store.db.sqlite import Database

MOST = 50
_COLUMNS = "id, opened_at, closed_at, body"


def put(db: Database, incident: Incident, log: Sequence[str]) -> Incident:
    """Insert or replace an incident with the lines of the log; return it with its id. The oldest ones go beyond MOST."""
    values = [incident.opened_at, incident.closed_at, json.dumps(incident.to_dict()), json.dumps(list(log), ensure_ascii=False)]
    if incident.id:
        db.execute("UPDATE incidents SET opened_at = ?, closed_at = ?, body = ?, log = ? WHERE id = ?", [*values, incident.id])
        return incident
    made = db.execute("INSERT INTO incidents (opened_at, closed_at, body, log) VALUES (?, ?, ?, ?)", values)
    number = inserted_id(made)
    db.execute("DELETE FROM incidents WHERE id <= (SELECT id FROM incidents ORDER BY id DESC LIMIT 1 OFFSET ?)", [MOST])
    return replace(incident, id=number)


def listing(db: Database) -> list[Incident]:
    """Return all incidents, newest first."""
    return [_incident(row) for row in db.execute(f"SELECT {_COLUMNS} FROM incidents ORDER BY id DESC")]


def newest(db: Database) -> Incident | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM incidents ORDER BY id DESC LIMIT 1").fetchone()
    return _incident(row) if row else None


def get(db: Database, incident_id: int) -> tuple[Incident, list[str]]:
    """Return an incident and its lines of the log. Raises NotFound."""
    row = db.execute(f"SELECT {_COLUMNS}, log FROM incidents WHERE id = ?", [incident_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no incident {incident_id}.", id=incident_id)
    return _incident(row), json.loads(row["log"])


def _incident(row: sqlite3.Row) -> Incident:
    return Incident.from_dict(row["id"], row["opened_at"], row["closed_at"], json.loads(row["body"]))
