"""The `imports` and `import_lines` tables. Queries that return either belong here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from core import events
from core.domain.feeds.imports import FeedCandidate, Import, ImportKind, ImportLine, LineState
from core.errors import NotFound
from core.store.db.rows import assignments, build, inserted_id
from core.store.db.sqlite import Database

_IMPORT = "id, kind, name, auto_transcribe, backlog, created_at, finished_at, cancelled_at, broken_at, repeated"
_LINE = "id, import_id, number, url, title, state, feed_id, error, offers, tries, not_before, anyway, folder"


NewLine = tuple[str, str, str, str | None]


def add(db: Database, values: Mapping[str, Any], lines: Iterable[NewLine], *, now: float) -> int:
    """Insert an import; return its id. `lines`: (address, title, folder, sealed credentials) in their order."""
    row = {**values, "created_at": now}
    cursor = db.execute(f"INSERT INTO imports ({', '.join(row)}) VALUES ({', '.join(':' + n for n in row)})", row)
    import_id = inserted_id(cursor)
    add_lines(db, import_id, lines)
    return import_id


def add_lines(db: Database, import_id: int, lines: Iterable[NewLine], *, anyway: bool = False) -> None:
    first = db.execute("SELECT coalesce(max(number), 0) FROM import_lines WHERE import_id = ?", [import_id]).fetchone()[0] + 1
    db.conn.executemany(
        "INSERT INTO import_lines (import_id, number, url, title, folder, access, anyway) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(import_id, number, *line, anyway) for number, line in enumerate(lines, start=first)],
    )


def sealed_credentials(db: Database, line_id: int) -> str | None:
    """Return the credentials that came with a line's address."""
    row = db.execute("SELECT access FROM import_lines WHERE id = ?", [line_id]).fetchone()
    return row["access"] if row else None


def get(db: Database, import_id: int) -> Import:
    """Return an import. Raises NotFound."""
    row = db.execute(f"SELECT {_IMPORT} FROM imports WHERE id = ?", [import_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no import {import_id}.", id=import_id)
    return _import(db, row)


def listing(db: Database) -> list[Import]:
    """Return all imports, newest first."""
    return [_import(db, row) for row in db.execute(f"SELECT {_IMPORT} FROM imports ORDER BY id DESC")]


def unfinished(db: Database) -> list[Import]:
    """Return the imports that are under way, oldest first."""
    return [_import(db, row) for row in db.execute(f"SELECT {_IMPORT} FROM imports WHERE finished_at IS NULL ORDER BY id")]


def change(db: Database, import_id: int, values: Mapping[str, Any]) -> None:
    db.execute(f"UPDATE imports SET {assignments(values)} WHERE id = :id", {**values, "id": import_id})


def cancel(db: Database, import_id: int, *, now: float) -> bool:
    """Cancel the waiting lines of an import and finish it; return False if it had finished before."""
    finished = db.execute(
        "UPDATE imports SET finished_at = ?, cancelled_at = ? WHERE id = ? AND finished_at IS NULL", [now, now, import_id]
    )
    if finished.rowcount:
        set_states(db, import_id, [LineState.WAITING], LineState.CANCELLED)
    return bool(finished.rowcount)


def delete(db: Database, import_id: int) -> None:
    db.execute("DELETE FROM imports WHERE id = ?", [import_id])


def delete_old(db: Database, *, before: float, addresses_before: float) -> None:
    """Delete imports that finished before that time, those of a single address before the other."""
    db.execute(
        "DELETE FROM imports WHERE finished_at < ? OR (kind = 'address' AND finished_at < ?)",
        [before, addresses_before],
    )


def line(db: Database, line_id: int) -> ImportLine:
    """Return a line. Raises NotFound."""
    row = db.execute(f"SELECT {_LINE} FROM import_lines WHERE id = ?", [line_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no line {line_id} of an import.", id=line_id)
    return _line(row)


def lines(
    db: Database, import_id: int, states: Iterable[LineState] = (), *, limit: int = -1, offset: int = 0
) -> list[ImportLine]:
    """Return lines in the order of the file; of all states if none is given."""
    wanted = [state.value for state in states]
    among = f"AND state IN ({', '.join('?' * len(wanted))})" if wanted else ""
    rows = db.execute(
        f"SELECT {_LINE} FROM import_lines WHERE import_id = ? {among} ORDER BY number LIMIT ? OFFSET ?",
        [import_id, *wanted, limit, offset],
    )
    return [_line(row) for row in rows]


def due(db: Database, *, now: float) -> list[tuple[int, str]]:
    """Return (id, address) of the lines that may be tried now: typed ones first, then in order."""
    rows = db.execute(
        "SELECT import_lines.id, url FROM import_lines JOIN imports ON imports.id = import_id "
        "WHERE state = 'waiting' AND not_before <= ? ORDER BY kind = 'address' DESC, import_lines.id LIMIT 1000",
        [now],
    )
    return [(row[0], row[1]) for row in rows]


def change_line(db: Database, line_id: int, values: Mapping[str, Any]) -> bool:
    """Update a line if it is waiting; return whether it was. `state`, `error` and `offers` are set by the domain."""
    row = _stored(values)
    cursor = db.execute(
        f"UPDATE import_lines SET {assignments(row)} WHERE id = :id AND state = 'waiting'", {**row, "id": line_id}
    )
    return bool(cursor.rowcount)


def set_states(db: Database, import_id: int, among: Iterable[LineState], state: LineState) -> int:
    """Set the state of the lines that are in one of `among`; return their number. A line that waits again starts over."""
    wanted = [each.value for each in among]
    cursor = db.execute(
        "UPDATE import_lines SET state = ?, error = NULL, offers = NULL, tries = 0, not_before = 0 "
        f"WHERE import_id = ? AND state IN ({', '.join('?' * len(wanted))})",
        [state.value, import_id, *wanted],
    )
    return int(cursor.rowcount)


def delete_line(db: Database, line_id: int) -> None:
    db.execute("DELETE FROM import_lines WHERE id = ?", [line_id])


def finish(db: Database, import_id: int, *, now: float) -> None:
    """Mark the import as finished, unless a line still waits."""
    cursor = db.execute(
        "UPDATE imports SET finished_at = ? WHERE id = ? AND finished_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM import_lines WHERE import_id = imports.id AND state = 'waiting')",
        [now, import_id],
    )
    if cursor.rowcount:
        events.record(events.ImportFinished(import_id=import_id))


def _import(db: Database, row: sqlite3.Row) -> Import:
    rows = db.execute("SELECT state, count(*) FROM import_lines WHERE import_id = ? GROUP BY state", [row["id"]])
    counts = {LineState(state): count for state, count in rows}
    return build(Import, row, kind=ImportKind(row["kind"]), auto_transcribe=bool(row["auto_transcribe"]), counts=counts)


def _line(row: sqlite3.Row) -> ImportLine:
    offers = tuple(FeedCandidate(**each) for each in json.loads(row["offers"] or "[]"))
    error = json.loads(row["error"]) if row["error"] else None
    return build(ImportLine, row, state=LineState(row["state"]), error=error, offers=offers, anyway=bool(row["anyway"]))


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    row = dict(values)
    for name, convert in (("error", dict), ("offers", lambda offers: [asdict(each) for each in offers])):
        if row.get(name) is not None:
            row[name] = json.dumps(convert(row[name]), ensure_ascii=False)
    return row
