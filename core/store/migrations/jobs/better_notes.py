"""The state of an episode without a wait for better notes, and an index of what jobs wait for."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run

# Notes that a reader can do without, as others can be read: core.domain.jobs.waits, in SQL.
_BETTER_NOTES = (
    "jobs.stage = 'summarise' AND (jobs.state IN ('waiting', 'cancelled') OR (jobs.state = 'running' AND jobs.error IS NOT NULL AND jobs.progress = 0)) "
    "AND EXISTS (SELECT 1 FROM notes WHERE notes.episode_id = jobs.episode_id AND NOT notes.outdated)"
)
# core.domain.jobs.waits.shown, in SQL: the state that needs attention first, among the other jobs.
_SHOWN = (
    f"coalesce((SELECT jobs.state FROM jobs WHERE jobs.episode_id = {{id}} AND NOT ({_BETTER_NOTES}) "
    "ORDER BY CASE jobs.state WHEN 'failed' THEN 0 WHEN 'running' THEN 1 WHEN 'waiting' THEN 2 WHEN 'cancelled' THEN 3 "
    "WHEN 'queued' THEN 4 ELSE 5 END LIMIT 1), (SELECT 'done' FROM jobs WHERE jobs.episode_id = {id} LIMIT 1))"
)
# Jobs that wait for something outside; one that is just being tried again counts on.
_HELD = "condition IS NOT NULL AND (state = 'waiting' OR (state = 'running' AND progress = 0))"
_TRIGGERS = (
    ("jobs_state_insert", "AFTER INSERT ON jobs", "NEW"),
    ("jobs_state_change", "AFTER UPDATE OF state ON jobs WHEN NEW.state IS NOT OLD.state", "NEW"),
    ("jobs_state_delete", "AFTER DELETE ON jobs", "OLD"),
    (
        "jobs_state_progress",
        "AFTER UPDATE OF progress ON jobs WHEN NEW.stage = 'summarise' AND NEW.error IS NOT NULL AND (NEW.progress > 0) <> (OLD.progress > 0)",
        "NEW",
    ),
    ("notes_state_insert", "AFTER INSERT ON notes", "NEW"),
    ("notes_state_outdated", "AFTER UPDATE OF outdated ON notes WHEN NEW.outdated IS NOT OLD.outdated", "NEW"),
    ("notes_state_delete", "AFTER DELETE ON notes", "OLD"),
)


def _trigger(name: str, when: str, row: str) -> str:
    # Only where it differs: a row with a long description is not written anew for nothing.
    shown = _SHOWN.format(id=f"{row}.episode_id")
    change = f"UPDATE episodes SET state = {shown} WHERE id = {row}.episode_id AND state IS NOT {shown}"
    return f"CREATE TRIGGER {name} {when} BEGIN {change}; END"


@migrations(name="0030_better_notes")
def better_notes(db: Database) -> None:
    """An episode with a transcript and notes is done, although better notes wait; `condition` is what a job waits for."""
    run(
        db,
        *(f"DROP TRIGGER jobs_state_{name}" for name in ("insert", "change", "delete")),
        *(_trigger(*each) for each in _TRIGGERS),
        # An index may hold no value out of JSON: SQLite does not trust such functions in a schema.
        "ALTER TABLE jobs ADD COLUMN condition TEXT",
        "UPDATE jobs SET condition = json_extract(error, '$.code') WHERE state = 'waiting' AND error IS NOT NULL",
        f"CREATE INDEX jobs_held ON jobs(condition, stage, episode_id) WHERE {_HELD}",
        f"UPDATE episodes SET state = {_SHOWN.format(id='episodes.id')} WHERE state IS NOT {_SHOWN.format(id='episodes.id')}",
    )
