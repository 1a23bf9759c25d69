"""The `notification_channels` table. Queries about channels belong here; each of a user's names the user."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.domain.notify.channel import Channel
from core.errors import NotFound
from core.store.db.rows import assignments, build, columns, inserted_id
from core.store.db.sqlite import Database

_COLUMNS = columns(Channel, "notification_channels")
_FLAGS = ("titles", "urgent_anyway", "enabled")


def add(db: Database, channel: Channel, sealed: str) -> Channel:
    """Insert a channel; its `id` is given by the database."""
    row = _stored({name: value for name, value in asdict(channel).items() if name != "id"}) | {"sealed": sealed}
    cursor = db.execute(
        f"INSERT INTO notification_channels ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})", row
    )
    return one(db, inserted_id(cursor))


def of_user(db: Database, user_id: int) -> list[Channel]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM notification_channels WHERE user_id = ? ORDER BY id", [user_id])
    return [_channel(row) for row in rows]


def get(db: Database, user_id: int, channel_id: int) -> Channel:
    """Return a channel of this user. Raises NotFound for that of another user, as for one that is not there."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM notification_channels WHERE id = ? AND user_id = ?", [channel_id, user_id]
    ).fetchone()
    if row is None:
        raise _missing(channel_id)
    return _channel(row)


def one(db: Database, channel_id: int) -> Channel:
    """Return a channel, whoever's it is: for what CastMind does by itself. Raises NotFound."""
    row = db.execute(f"SELECT {_COLUMNS} FROM notification_channels WHERE id = ?", [channel_id]).fetchone()
    if row is None:
        raise _missing(channel_id)
    return _channel(row)


def with_roles(db: Database) -> list[tuple[Channel, str]]:
    """Return all channels with the role of their user."""
    rows = db.execute(
        f"SELECT {_COLUMNS}, users.role FROM notification_channels JOIN users ON users.id = notification_channels.user_id "
        "ORDER BY notification_channels.id"
    )
    return [(_channel(row), row["role"]) for row in rows]


def sealed_of(db: Database, channel_id: int) -> str:
    row = db.execute("SELECT sealed FROM notification_channels WHERE id = ?", [channel_id]).fetchone()
    if row is None:
        raise _missing(channel_id)
    return str(row["sealed"])


def change(db: Database, channel_id: int, values: Mapping[str, Any]) -> None:
    row = _stored(values)
    db.execute(f"UPDATE notification_channels SET {assignments(row)} WHERE id = :id", {**row, "id": channel_id})


def delete(db: Database, channel_id: int) -> None:
    """Delete a channel with what waits for it and its log."""
    db.execute("DELETE FROM notification_channels WHERE id = ?", [channel_id])


def count(db: Database, user_id: int) -> int:
    row = db.execute("SELECT count(*) FROM notification_channels WHERE user_id = ?", [user_id]).fetchone()
    return int(row[0])


def _channel(row: sqlite3.Row) -> Channel:
    flags = {name: bool(row[name]) for name in _FLAGS}
    return build(Channel, row, kinds=tuple(json.loads(row["kinds"])), **flags)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    row = dict(values)
    if "kinds" in row:
        row["kinds"] = json.dumps(list(row["kinds"]))
    return row


def _missing(channel_id: int) -> NotFound:
    return NotFound(f"There is no notification channel {channel_id}.", id=channel_id)
