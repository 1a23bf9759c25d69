"""The `audit_log` table: who changed or read what. Rows are added, and pruned by age and number; nothing changes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.domain.accounts.audit import AuditEntry
from core.store.db.sqlite import Database

_COLUMNS = "id, at, user_id, user_name, how, action, subject, outcome, address"
_VALUES = _COLUMNS.removeprefix("id, ")


def add(db: Database, entries: Iterable[AuditEntry]) -> None:
    places = ", ".join("?" * len(_VALUES.split(", ")))
    for each in entries:
        values = [each.at, each.user_id, each.user_name, each.how, each.action, each.subject, each.outcome, each.address]
        db.execute(f"INSERT INTO audit_log ({_VALUES}) VALUES ({places})", values)


def page(
    db: Database,
    *,
    before: int | None = None,
    user_id: int | None = None,
    action: str = "",
    since: float | None = None,
    limit: int = 100,
) -> list[AuditEntry]:
    """Return entries, the newest first. `before`: an id, to go on from; `action`: the beginning of its name."""
    where, values = ["1"], list[Any]()
    for condition, value in (("id < ?", before), ("user_id = ?", user_id), ("at >= ?", since)):
        if value is not None:
            where.append(condition)
            values.append(value)
    if action:
        where.append("substr(action, 1, ?) = ?")
        values += [len(action), action]
    rows = db.execute(f"SELECT {_COLUMNS} FROM audit_log WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?", [*values, limit])
    return [AuditEntry(**{name: row[name] for name in _COLUMNS.split(", ")}) for row in rows]


def prune(db: Database, *, before: float, most: int) -> int:
    """Delete entries older than `before`, and all but the newest `most`; return how many."""
    found = db.execute(
        "DELETE FROM audit_log WHERE at < ? OR id <= (SELECT id FROM audit_log ORDER BY id DESC LIMIT 1 OFFSET ?)", [before, most]
    )
    return int(found.rowcount)
