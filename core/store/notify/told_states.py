"""The `told_states` table: what was told and may not be told again yet. `subject` names the thing: "feed:3", "disk".

told ─▶ tell again only by the kind's `again` ─▶ over: the row goes, and the next time is the first one
"""

from __future__ import annotations

from core.domain.notify.kinds import NoticeKind, may_be_told
from core.store.db.sqlite import Database

KEPT_SECONDS = 400 * 86400.0


def claim(db: Database, kind: NoticeKind, subject: str, *, now: float) -> bool:
    """Return whether this may be told now, and remember that it was."""
    row = db.execute("SELECT told_at FROM told_states WHERE kind = ? AND subject = ?", [kind.name, subject]).fetchone()
    if not may_be_told(kind, row["told_at"] if row else None, now):
        return False
    db.execute(
        "INSERT INTO told_states (kind, subject, told_at) VALUES (?, ?, ?) "
        "ON CONFLICT (kind, subject) DO UPDATE SET told_at = excluded.told_at",
        [kind.name, subject, now],
    )
    return True


def is_told(db: Database, kind: NoticeKind, subject: str) -> bool:
    row = db.execute("SELECT 1 FROM told_states WHERE kind = ? AND subject = ?", [kind.name, subject]).fetchone()
    return row is not None


def forget(db: Database, kind: NoticeKind, subject: str) -> bool:
    """Forget that this was told, for it is over; return whether it was."""
    cursor = db.execute("DELETE FROM told_states WHERE kind = ? AND subject = ?", [kind.name, subject])
    return bool(cursor.rowcount)


def prune(db: Database, *, now: float) -> None:
    db.execute("DELETE FROM told_states WHERE told_at < ?", [now - KEPT_SECONDS])
