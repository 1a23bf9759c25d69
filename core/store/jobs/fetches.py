"""Fetch jobs that run again after the rest of their episode is done."""

from __future__ import annotations

from core.domain.jobs.job import Job
from core.store.db.sqlite import Database
from core.store.jobs.jobs import COLUMNS, job_of, tell_queued


def fetch_again(db: Database, episode_id: int) -> bool:
    """Fetch deleted audio again without repeating later stages. Return whether it was not queued already."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', token = token + 1, tries = 0, crashes = 0, faults = 0, not_before = 0, progress = 0, error = NULL, "
        "finished_at = NULL WHERE episode_id = ? AND stage = 'fetch' AND state IN ('done', 'failed', 'cancelled', 'waiting')",
        [episode_id],
    )
    return tell_queued(cursor)


def try_fetch_again(db: Database, episode_id: int, *, tries: int = 0) -> None:
    """Make a failed or waiting fetch due now, and leave the later stages unchanged; `tries` count as used."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', token = token + 1, tries = ?, crashes = 0, faults = 0, not_before = 0, progress = 0, error = NULL, "
        "finished_at = NULL WHERE episode_id = ? AND stage = 'fetch' AND state IN ('failed', 'waiting')",
        [tries, episode_id],
    )
    tell_queued(cursor)


def leave_fetched(db: Database, episode_id: int) -> None:
    """Mark the fetch as done with the present audio, whatever the outcome of a later fetch."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'done', token = token + 1, tries = 0, lease_until = 0, progress = 1, error = NULL "
        "WHERE episode_id = ? AND stage = 'fetch' AND state <> 'done'",
        [episode_id],
    )
    tell_queued(cursor)  # the later stages


def wake_fetches(db: Database, feed_id: int, *, code: str) -> None:
    """Make the fetches of a feed that wait because of this error due now."""
    cursor = db.execute(
        "UPDATE jobs SET not_before = 0 WHERE stage = 'fetch' AND state = 'waiting' AND json_extract(error, '$.code') = ? "
        "AND episode_id IN (SELECT id FROM episodes WHERE feed_id = ? AND deleted_at IS NULL)",
        [code, feed_id],
    )
    tell_queued(cursor)


def stopped_fetches(db: Database, feed_id: int) -> list[Job]:
    """Return the failed and waiting fetches of a feed's episodes, without the trash."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM jobs JOIN episodes ON episodes.id = jobs.episode_id WHERE feed_id = ? AND stage = 'fetch' "
        "AND jobs.state IN ('failed', 'waiting') AND deleted_at IS NULL",
        [feed_id],
    )
    return [job_of(row) for row in rows]


def failed_fetches(db: Database, feed_id: int) -> list[Job]:
    """Return the failed fetches of a feed's episodes, without the trash and episodes that the feed no longer lists."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM jobs CROSS JOIN episodes ON episodes.id = jobs.episode_id WHERE jobs.stage = 'fetch' "
        "AND jobs.state = 'failed' AND feed_id = ? AND deleted_at IS NULL AND episodes.listed",
        [feed_id],
    )
    return [job_of(row) for row in rows]
