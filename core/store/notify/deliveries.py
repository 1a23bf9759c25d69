"""The `deliveries` table: messages, from their making to their end, and the log of how they went.

add ─▶ waiting ─try─▶ delivered │ waiting until next_at │ given_up      prune: the last thirty days, and so many of a channel
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from core.domain.notify.delivery import Delivery, DeliveryState
from core.domain.notify.message import Item, Outcome, OutgoingMessage
from core.errors import NotFound
from core.store.db.rows import build, columns, inserted_id
from core.store.db.sqlite import Database

KEPT_SECONDS = 30 * 86400.0
KEPT_OF_A_CHANNEL = 500
_COLUMNS = columns(Delivery, "deliveries")
_ENABLED = "channel_id IN (SELECT id FROM notification_channels WHERE enabled)"


def add(db: Database, channel_id: int, message: OutgoingMessage) -> int:
    """Insert a message that is to be sent at once; return its id. Its words are made when it is sent."""
    items = json.dumps(list(message.items), ensure_ascii=False)
    cursor = db.execute(
        "INSERT INTO deliveries (channel_id, uid, kind, count, items, state, next_at, created_at) "
        "VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)",
        [channel_id, message.uid, message.kind, message.count, items, message.at, message.at],
    )
    return inserted_id(cursor)


def due(db: Database, *, now: float, limit: int = 100) -> list[Delivery]:
    """Return the messages that are to be tried, oldest first within a channel."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM deliveries WHERE state = 'waiting' AND next_at <= ? AND {_ENABLED} ORDER BY next_at, id LIMIT ?",
        [now, limit],
    )
    return [_delivery(row) for row in rows]


def next_at(db: Database) -> float | None:
    """Return when the next message is to be tried."""
    row = db.execute(f"SELECT min(next_at) FROM deliveries WHERE state = 'waiting' AND {_ENABLED}").fetchone()
    return None if row[0] is None else float(row[0])


def items_of(db: Database, delivery_id: int) -> list[Item]:
    row = db.execute("SELECT items FROM deliveries WHERE id = ?", [delivery_id]).fetchone()
    return json.loads(row["items"]) if row else []


def made_since(db: Database, since: float) -> dict[int, list[float]]:
    """Return when the messages of each channel were made, in order; tests do not count."""
    found: dict[int, list[float]] = {}
    rows = db.execute("SELECT channel_id, created_at FROM deliveries WHERE created_at > ? AND kind <> 'test' ORDER BY 2", [since])
    for row in rows:
        found.setdefault(row["channel_id"], []).append(row["created_at"])
    return found


def end_try(db: Database, delivery_id: int, outcome: Outcome, *, next_at: float | None, now: float) -> None:
    """Record how a try went: delivered, to be tried at `next_at`, or given up."""
    delivered = outcome.error is None
    state = DeliveryState.DELIVERED if delivered else DeliveryState.GIVEN_UP if next_at is None else DeliveryState.WAITING
    error = None if outcome.error is None else json.dumps(outcome.error.to_dict(), ensure_ascii=False)
    values: list[Any] = [state.value, next_at, None if state is DeliveryState.WAITING else now]
    db.execute(
        "UPDATE deliveries SET state = ?, next_at = ?, ended_at = ?, tries = tries + 1, status = ?, seconds = ?, error = ?, "
        "said = ? WHERE id = ?",
        [*values, outcome.status, outcome.seconds, error, outcome.said, delivery_id],
    )


def try_again(db: Database, delivery_id: int, *, now: float) -> None:
    """Have a message tried once more, from the beginning of its patience."""
    db.execute(
        "UPDATE deliveries SET state = 'waiting', tries = 0, next_at = ?, ended_at = NULL WHERE id = ?", [now, delivery_id]
    )


def of_user(db: Database, user_id: int, *, channel_id: int | None, limit: int, before: int | None) -> list[Delivery]:
    """Return the log of a user's channels, newest first, below the id `before`."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM deliveries JOIN notification_channels AS owned ON owned.id = deliveries.channel_id "
        "WHERE owned.user_id = :user AND (:channel IS NULL OR deliveries.channel_id = :channel) "
        "AND (:before IS NULL OR deliveries.id < :before) ORDER BY deliveries.id DESC LIMIT :limit",
        {"user": user_id, "channel": channel_id, "before": before, "limit": limit},
    )
    return [_delivery(row) for row in rows]


def get(db: Database, user_id: int, delivery_id: int) -> Delivery:
    """Return a message of one of this user's channels. Raises NotFound."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM deliveries JOIN notification_channels AS owned ON owned.id = deliveries.channel_id "
        "WHERE deliveries.id = ? AND owned.user_id = ?",
        [delivery_id, user_id],
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no message {delivery_id}.", id=delivery_id)
    return _delivery(row)


def prune(db: Database, *, now: float) -> None:
    """Delete what is older than it is kept, and the oldest of a channel that has many; of these, one that waits stays."""
    db.execute("DELETE FROM deliveries WHERE created_at < ?", [now - KEPT_SECONDS])
    for row in db.execute("SELECT id FROM notification_channels").fetchall():
        db.execute(
            "DELETE FROM deliveries WHERE channel_id = :channel AND state <> 'waiting' AND id <= ("
            "SELECT id FROM deliveries WHERE channel_id = :channel ORDER BY id DESC LIMIT 1 OFFSET :most)",
            {"channel": row["id"], "most": KEPT_OF_A_CHANNEL},
        )


def _delivery(row: sqlite3.Row) -> Delivery:
    error = json.loads(row["error"]) if row["error"] else None
    return build(Delivery, row, state=DeliveryState(row["state"]), error=error)
