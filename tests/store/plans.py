"""Check SQLite's plan of every statement that core/store sends in a test: none may scan a table that grows with the library.

    Database.execute ─▶ sent by a module of core/store, and new? ─▶ EXPLAIN QUERY PLAN ─▶ SCAN ─▶ excused? else the test fails

`tests/store` and `tests/pipeline` watch all of their tests. A plan does not depend on the number of rows, because the tests
never run ANALYZE.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from core.store.db.sqlite import Database

STORE = Path(__file__).parents[2] / "core" / "store"

# Tables that stay small in a library of any size.
SMALL = {
    "feeds": "hundreds, and lists show them all",
    "feed_access": "a row a private feed",
    "incidents": "fifty at most",
    "imports": "old ones are deleted",
    "keep_rules": "a rule a feed",
    "notices": "what waits to be told, bounded",
    "notification_channels": "a few a user, bounded",
    "removed_feeds": "old ones are deleted",
    "schedules": "a row for each thing that happens by itself, and lists show them all",
    "search_pending": "what one transaction has changed",
    "search_state": "one row",
    "settings": "a row a setting",
    "sqlite_master": "the schema",
    "tags": "a row a tag, and lists show them all",
    "tasks": "old ones are deleted, and lists show them all",
    "user_preferences": "a few rows a user, bounded",
    "users": "a row a person",
}

# Statements that scan a growing table, by the function that sends them.
EXCUSED = {
    "library.episodes.count": "the number of all episodes, from an index alone",
    "accounts.audit_log.page": "the newest by their own number, up to a limit",
    "accounts.audit_log.prune": "once a day, all that is old",
    "accounts.sessions.clear": "all sessions, after a restore",
    "examine.census.counts": "the numbers of all rows, for a file that somebody asks for",
    "examine.census.episode_ids": "all numbers of episodes, when somebody asks the doctor, from an index alone",
    "jobs.queue_views.held": "the jobs that wait for something outside, from an index of these alone",
    "jobs.queue_views.counts": "the numbers of all jobs, from an index",
    "library.referenced_files.pictures": "all pictures that rows name, once an hour, when covers are swept",
    "library.retention.records": "the newest by their own number, up to a limit",
    "library.retention.rows": "every episode is weighed by the rules of what is kept, when they are applied or asked for",
    "library.listing.count": "the number of all that a filter means, from an index alone",
    "library.listing.ids": "all that a filter means, asked for by hand",
    "library.listing.languages": "all languages of the library, from an index alone",
    "sealed.sealed_columns.values": "every secret: once a start, and when the key changes",
    "search.backfill._missing": "a step of filling the search index, in the background",
    "search.backfill.progress": "the numbers of all episodes and of those in the search index, from indexes alone",
    "search.backfill.step": "once after a rebuild: the generation that has served goes",
    "search.tables.clear_away": "any few rows of a generation that has served, up to a limit",
    "text.highlight_list.by_episode": "all highlights that a filter means, for a file that somebody asks for",
    "schedules.schedule_runs.running": "the runs that are under way, from an index of these alone",
    "library.transcription_runs.seconds": "a sum over all transcriptions, from an index alone",
}

# An automatic index for one statement is a scan as well.
_WALK = re.compile(r"SCAN (?P<table>\w+)(?P<how>.*)|SEARCH (?P<indexed>\w+) USING AUTOMATIC")
# Sorted after reading. The last terms of an order that an index provides are sorted among equals only.
_SORTED = ("B-TREE FOR ORDER BY", "B-TREE FOR GROUP BY", "B-TREE FOR DISTINCT")
_READS_ROWS = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")


def walks(db: Any, sql: str, parameters: Any = ()) -> list[str]:
    """Return the plan's steps that scan a growing table. Following an index up to a LIMIT, unsorted, reads one page."""
    steps = [row[3] for row in db.conn.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    paged = re.search(r"\bLIMIT\b", sql) and not any(kind in step for step in steps for kind in _SORTED)
    found = []
    for step in steps:
        walk = _WALK.match(step)
        if walk is None or "VIRTUAL TABLE" in step or (walk["table"] or walk["indexed"]) in (*SMALL, "CONSTANT"):
            continue
        if not (paged and " USING " in (walk["how"] or "")):
            found.append(step)
    return found


class Watch:
    """Wraps `Database.execute` and records findings. Each statement is checked once."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._seen: set[tuple[str, str]] = set()
        self._execute = Database.execute

    def install(self) -> None:
        watch = self

        def execute(db: Any, sql: str, parameters: Any = None) -> Any:
            watch.look(db, sql, parameters, sys._getframe(1))
            return watch._execute(db, sql, parameters)

        Database.execute = execute

    def remove(self) -> None:
        Database.execute = self._execute

    def look(self, db: Any, sql: str, parameters: Any, frame: FrameType | None) -> None:
        sender = _sender(frame)
        if sender is None or sender in EXCUSED or (sender, sql) in self._seen or not sql.lstrip().startswith(_READS_ROWS):
            return
        self._seen.add((sender, sql))
        self.found += [f"{sender}: {step}: {sql}" for step in walks(db, sql, parameters or ())]


def _sender(frame: FrameType | None) -> str | None:
    """Return `folder.module.function` of core/store that sends the statement; None for tests, their lambdas, and migrations."""
    if frame is None:
        return None
    path = Path(frame.f_code.co_filename)
    if not path.is_relative_to(STORE) or path.is_relative_to(STORE / "migrations"):
        return None
    while frame.f_back is not None and frame.f_code.co_name.startswith("<"):
        frame = frame.f_back
    return ".".join([*path.relative_to(STORE).with_suffix("").parts, frame.f_code.co_name])


def watched() -> Iterator[None]:
    """For a fixture: fail the test in which a statement scans a growing table."""
    watch.found.clear()
    watch.install()
    yield
    watch.remove()
    assert not watch.found, (
        "a statement walks a whole table; give it an index, or excuse it in tests/store/plans.py:\n" + "\n".join(watch.found)
    )


watch = Watch()
