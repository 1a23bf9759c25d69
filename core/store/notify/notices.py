"""The `notices` table: what is to be told, a row a channel and thing, until a message is made of it.

add ─▶ a row; the same thing again replaces it ─▶ waiting: by channel and kind ─▶ take: the rows of one message, deleted
"""

from __future__ import annotations

import json

from core.domain.notify.message import Item
from core.domain.notify.pacing import Waiting
from core.store.db.sqlite import Database

# Of one channel and kind: a message names a hundred of them, and counts the rest.
MOST = 5000


def add(db: Database, channel_id: int, kind: str, subject: str, item: Item, *, now: float) -> None:
    """Insert a notice, or renew the one about the same thing that still waits."""
    db.execute(
        "INSERT INTO notices (channel_id, kind, subject, item, created_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (channel_id, kind, subject) DO UPDATE SET item = excluded.item",
        [channel_id, kind, subject, json.dumps(item, ensure_ascii=False), now],
    )
    db.execute(
        "DELETE FROM notices WHERE channel_id = :channel AND kind = :kind AND id <= ("
        "SELECT id FROM notices WHERE channel_id = :channel AND kind = :kind ORDER BY id DESC LIMIT 1 OFFSET :most)",
        {"channel": channel_id, "kind": kind, "most": MOST},
    )


def drop(db: Database, kind: str, subject: str) -> bool:
    """Delete what was to be told of a thing that is over before it was told; return whether there was any."""
    cursor = db.execute(
        "DELETE FROM notices WHERE kind = ? AND subject = ? AND channel_id IN (SELECT id FROM notification_channels)",
        [kind, subject],
    )
    return bool(cursor.rowcount)


def waiting(db: Database) -> dict[int, list[Waiting]]:
    """Return what waits, by channel."""
    found: dict[int, list[Waiting]] = {}
    for row in db.execute(
        "SELECT channel_id, kind, count(*) AS count, min(created_at) AS since FROM notices GROUP BY channel_id, kind"
    ):
        found.setdefault(row["channel_id"], []).append(Waiting(row["kind"], row["count"], row["since"]))
    return found


def take(db: Database, channel_id: int, kind: str, most: int) -> tuple[int, list[Item]]:
    """Delete all notices of a kind of a channel; return their number and the first `most`, oldest first."""
    where, key = "channel_id = ? AND kind = ?", [channel_id, kind]
    (total,) = db.execute(f"SELECT count(*) FROM notices WHERE {where}", key).fetchone()
    rows = db.execute(f"SELECT item FROM notices WHERE {where} ORDER BY id LIMIT ?", [*key, most]).fetchall()
    db.execute(f"DELETE FROM notices WHERE {where}", key)
    return int(total), [json.loads(row["item"]) for row in rows]


def delete_of(db: Database, channel_id: int) -> None:
    """Delete all that waits for a channel."""
    db.execute("DELETE FROM notices WHERE channel_id = ?", [channel_id])
