"""Changes to the whole queue: pause it, move an episode to the front."""

from __future__ import annotations

from core import events
from core.store.db.sqlite import Database
from core.store.jobs.leases import requeue_running
from core.store.settings import saved_settings

# The name in the `settings` table under which the pause is stored.
PAUSED = "queue_paused"


def paused(db: Database) -> bool:
    return db.execute("SELECT 1 FROM settings WHERE name = ?", [PAUSED]).fetchone() is not None


def pause(db: Database, *, now: float) -> None:
    """Stop claims; running jobs are requeued with their finished parts, and no try is counted."""
    saved_settings.save(db, PAUSED, True, now=now)
    events.record(events.QueuePaused())
    requeue_running(db)


def resume(db: Database) -> None:
    saved_settings.forget(db, PAUSED)
    events.record(events.QueueResumed())


def put_first(db: Database, episode_id: int) -> int:
    """Move an episode's jobs before all queued and waiting ones; return their number."""
    return _put(db, episode_id, "max(priority) + 1")


def put_last(db: Database, episode_id: int) -> int:
    return _put(db, episode_id, "min(priority) - 1")


def _put(db: Database, episode_id: int, place: str) -> int:
    cursor = db.execute(
        f"UPDATE jobs SET priority = (SELECT {place} FROM jobs WHERE state IN ('queued', 'waiting') AND episode_id <> :id) "
        "WHERE episode_id = :id AND state IN ('queued', 'waiting') "
        "AND EXISTS (SELECT 1 FROM jobs WHERE state IN ('queued', 'waiting') AND episode_id <> :id)",
        {"id": episode_id},
    )
    return int(cursor.rowcount)
