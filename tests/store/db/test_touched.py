"""The kinds of rows touched by a transaction, by SQLite's own account: every change, whatever caused it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from core.domain.episodes.touched_kind import EVERYTHING, NOTHING, TouchedKind
from core.domain.jobs.job import Job, Stage
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.touched import _UNSEEN, Touched, kind_of
from core.store.feeds import feeds
from core.store.jobs import jobs, leases, queue_order
from core.store.library import episode_trash, episodes, hear_again, reading_states, tags
from core.store.search import backfill
from core.store.settings import saved_settings
from core.store.text import transcripts
from tests.store.conftest import add_feed

PLACE, WORK, LIBRARY = TouchedKind.PLACE, TouchedKind.WORK, TouchedKind.LIBRARY
TRANSCRIPT = Transcript("en", 4.0, (Segment(0, 0.0, 4.0, "Bees dance."),), SpeechEngine("demo"))

Change = Callable[[Any, int], object]


def claimed(db: Database, number: int) -> Job:
    jobs.enqueue(db, number, priority=number, now=1.0)
    jobs.rerun(db, number, Stage.FETCH, priority=number, afresh=True)
    job = leases.claim(db, Stage.FETCH, now=2.0)
    assert job is not None
    return job


def a_part_is_finished(db: Database, number: int) -> None:
    leases.add_checkpoint(db, claimed(db, number), "0", {"start": 0}, now=3.0)


def a_job_ends(db: Database, number: int) -> None:
    leases.finish(db, claimed(db, number), now=3.0, detail={})


def it_is_heard_again(db: Database, number: int) -> None:
    db.execute(
        "INSERT OR REPLACE INTO hear_again (episode_id, start, end, model, asked_at) VALUES (?, 0, 1, 'small', 0)", [number]
    )
    jobs.enqueue(db, number, priority=1, now=1.0)
    db.execute("UPDATE jobs SET state = 'cancelled' WHERE stage = 'transcribe'")


def a_new_table(db: Database, _number: int) -> None:
    db.execute("CREATE TABLE IF NOT EXISTS shelf (id INTEGER PRIMARY KEY, book TEXT)")
    db.execute("INSERT INTO shelf (book) VALUES ('a')")


def by_a_cursor(db: Database, number: int) -> None:
    db.conn.cursor().execute("UPDATE reading_states SET played_at = 5 WHERE episode_id = ?", [number])


def places_of_many(db: Database, number: int) -> None:
    db.conn.executemany("UPDATE reading_states SET position = ? WHERE episode_id = ?", [(1, number), (2, number)])


def place_and_title(db: Database, number: int) -> None:
    db.execute("UPDATE reading_states SET position = 5 WHERE episode_id = ?", [number])
    db.execute("UPDATE episodes SET title = 'c' WHERE id = ?", [number])


def by_one_that_is_there_already(db: Database, number: int) -> None:
    db.execute(
        "INSERT INTO reading_states (user_id, episode_id) VALUES (1, ?) "
        "ON CONFLICT (user_id, episode_id) DO UPDATE SET position = 3",
        [number],
    )


def by_a_new_trigger(db: Database, number: int) -> None:
    db.execute("CREATE TRIGGER IF NOT EXISTS heard AFTER UPDATE OF position ON reading_states BEGIN DELETE FROM tags; END")
    reading_states.set_position(db, 1, number, 7.0, now=1.0)
    db.execute("DROP TRIGGER heard")


CHANGES: dict[str, tuple[Change, TouchedKind]] = {
    "place": (lambda db, n: reading_states.set_position(db, 1, n, 3.0, now=1.0), PLACE),
    "place alone": (lambda db, n: db.execute("UPDATE reading_states SET position = 4 WHERE episode_id = ?", [n]), PLACE),
    "places of many": (places_of_many, PLACE),
    "place, by a cursor": (by_a_cursor, PLACE),
    "place, with a title": (place_and_title, PLACE | LIBRARY),
    "place, of a new row": (by_one_that_is_there_already, PLACE | LIBRARY),
    "place, and a trigger": (by_a_new_trigger, PLACE | LIBRARY),
    "read": (lambda db, n: reading_states.mark(db, 1, [n], column="read_at", at=3.0), PLACE | LIBRARY),
    "starred": (lambda db, n: reading_states.mark(db, 1, [n], column="starred_at", at=3.0), LIBRARY),
    "title": (lambda db, n: episodes.change(db, n, {"title": "d"}, now=4.0), LIBRARY),
    "enqueued": (lambda db, n: jobs.enqueue(db, n, priority=1, now=1.0), WORK),
    "claimed": (claimed, WORK),
    "progress": (lambda db, _n: db.execute("UPDATE jobs SET progress = progress + 0.01"), WORK),
    "a part": (a_part_is_finished, WORK),
    "a job ends": (a_job_ends, WORK),
    "heard again": (it_is_heard_again, WORK),
    "paused": (lambda db, _n: queue_order.pause(db, now=1.0), WORK | LIBRARY),
    "resumed": (lambda db, _n: queue_order.resume(db), LIBRARY),
    "transcript": (lambda db, n: transcripts.save(db, n, TRANSCRIPT, now=1.0), LIBRARY),
    "tag": (lambda db, n: tags.put(db, tags.named(db, "later", now=1.0), [n]), LIBRARY),
    "setting": (lambda db, n: saved_settings.save(db, "model", "small", now=n), LIBRARY),
    "feed": (lambda db, n: feeds.add(db, {"url": f"https://example.org/{n}", "title": "A"}, now=0.0), LIBRARY),
    "new episode": (lambda db, _n: episodes.add(db, {"title": "New", "source": "upload"}, now=0.0), LIBRARY),
    "rebuilding the index": (lambda db, _n: backfill.begin_rebuild(db), LIBRARY),
    "a step of it": (lambda db, _n: (backfill.begin_rebuild(db), backfill.step(db)), LIBRARY),
    "another table": (a_new_table, LIBRARY),
    "a number that nobody reads": (lambda db, _n: db.execute("PRAGMA user_version = 9"), LIBRARY),
    "trash": (lambda db, n: episode_trash.put_in_trash(db, [n], now=5.0), WORK | LIBRARY),
    "deleted for good": (episodes.delete, WORK | LIBRARY),
}


def marked(store: Store, change: Callable[[Any], object]) -> TouchedKind:
    """Return the kinds whose mark changes with `change`."""
    before = {kind: store.mark(kind) for kind in EVERYTHING}
    assert None not in before.values()
    assert before == {kind: store.mark(kind) for kind in EVERYTHING}
    store.write(change)
    changed = NOTHING
    for kind in EVERYTHING:
        if store.mark(kind) != before[kind]:
            changed |= kind
    return changed


def rows(store: Store) -> dict[str, tuple[list[str], dict[Any, tuple[Any, ...]]]]:
    """Return the database's content: by table its columns, and its rows by rowid."""
    found = {}
    with closing(sqlite3.connect(store.path)) as db:
        for table, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
            if not table.startswith("sqlite_") and "VIRTUAL" not in sql:
                key = "*" if "WITHOUT ROWID" in sql else "rowid, *"
                cursor = db.execute(f"SELECT {key} FROM {table}")
                found[table] = [column[0] for column in cursor.description], {row[0]: row for row in cursor}
    return found


def differing(store: Store, change: Callable[[], object]) -> TouchedKind:
    """Return the kinds of the rows that differ after a change."""
    before = rows(store)
    change()
    after, kinds = rows(store), NOTHING
    for table in before.keys() | after.keys():
        (columns, old), (_, new) = before.get(table, ([], {})), after.get(table, ([], {}))
        if (table in before) != (table in after) or old.keys() != new.keys():
            kinds |= kind_of(table, None)
        for number in old.keys() & new.keys():
            for column, one, other in zip(columns, old[number], new[number], strict=True):
                if one != other:
                    kinds |= kind_of(table, column)
    return kinds


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_change_touches_is_known(store: Store, add_episode: Callable[..., int], name: str) -> None:
    change, kinds = CHANGES[name]
    store.write(partial(jobs.enqueue, episode_id=add_episode("One with jobs"), priority=0, now=0.0))
    number = add_episode("A talk", position=1.0)
    if name == "resumed":
        store.write(partial(queue_order.pause, now=1.0))
    assert marked(store, lambda db: change(db, number)) == kinds


def test_whatever_differs_after_a_change_was_touched(store: Store, add_episode: Callable[..., int]) -> None:
    """Repeated, because SQLite caches compiled statements."""
    for _ in range(3):
        number = add_episode(position=1.0)
        for name, (change, kinds) in CHANGES.items():
            touched = NOTHING

            def make(change: Change = change, number: int = number) -> None:
                nonlocal touched
                touched = marked(store, lambda db: change(db, number))

            differs = differing(store, make)
            assert differs in touched, name
            assert touched in kinds, name
            # No kind is reported in vain: a change that touches only positions does change a position.
            assert touched in (NOTHING, kinds) or differs, name


def test_all_kinds_of_rows_have_a_kind(store: Store, episode_id: int) -> None:
    """Cover all columns of the database: none is classified as a position or a job by accident."""
    store.write(partial(jobs.enqueue, episode_id=episode_id, priority=0, now=0.0))
    db = store.read()
    found: dict[TouchedKind, set[str]] = {}
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for column in db.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall():
            name = f"{table}.{column[0]}" if table in ("episodes", "reading_states") else table
            found.setdefault(kind_of(table, column[0]), set()).add(name)
    assert found[PLACE] == {"reading_states.position", "reading_states.played_at"}
    assert found[WORK] == {"jobs", "checkpoints", "hear_again", "tasks", "episodes.state"}
    unseen = {
        "sessions",
        "api_tokens",
        "audit_log",
        "user_identities",
        "schedule_runs",
        "trends",
        "incidents",
        "deliveries",
        "notices",
    }
    assert unseen <= found[NOTHING] and len(found[NOTHING]) == len(_UNSEEN)
    assert {"episodes.title", "episodes.deleted_at", "feeds", "transcripts", "segments", "tags", "search_state"} <= found[LIBRARY]
    assert {"reading_states.read_at", "reading_states.starred_at", "users", "user_preferences"} <= found[LIBRARY]
    assert kind_of("episodes", None) == LIBRARY


def test_a_change_of_nothing_leaves_all_marks(store: Store, episode_id: int) -> None:
    nothing: list[Callable[[Any], object]] = [
        lambda db: db.execute("SELECT count(*) FROM episodes").fetchone(),
        lambda db: db.execute("UPDATE episodes SET state = 'x', title = 'x' WHERE id = -1"),
        lambda db: leases.claim(db, Stage.FETCH, now=1.0),
        lambda db: hear_again.forget(db, episode_id),
    ]
    for change in nothing * 2:
        assert marked(store, change) == NOTHING


def test_of_a_change_that_fails_only_what_it_has_committed_counts(store: Store, episode_id: int) -> None:
    def half(db: Database) -> None:
        episodes.change(db, episode_id, {"title": "half"}, now=1.0)
        raise ValueError("no")

    def committed_by_itself(db: Database) -> None:
        episodes.change(db, episode_id, {"title": "half"}, now=1.0)
        db.execute("COMMIT")
        raise ValueError("no")

    for change, kinds in ((half, NOTHING), (committed_by_itself, EVERYTHING)):
        before = {kind: store.mark(kind) for kind in EVERYTHING}
        with pytest.raises(ValueError, match="no"):
            store.write(change)
        assert {kind for kind in EVERYTHING if store.mark(kind) != before[kind]} == set(kinds)
    # The next change touches only a position; the earlier one still counts.
    before = {kind: store.mark(kind) for kind in EVERYTHING}
    with pytest.raises(ValueError, match="no"):
        store.write(committed_by_itself)
    store.write(partial(reading_states.set_position, user_id=1, episode_id=episode_id, position=2.0, now=1.0))
    assert all(store.mark(kind) != before[kind] for kind in EVERYTHING)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        made.execute("CREATE TABLE reading_states (id INTEGER PRIMARY KEY, read_at REAL, position REAL)")
        made.execute("INSERT INTO reading_states (position) VALUES (0)")
        yield made


def test_a_statement_is_asked_about_in_every_transaction(connection: sqlite3.Connection) -> None:
    """SQLite recompiles cached statements; with a version that does not, this test would fail."""
    touched = Touched(connection)
    for _ in range(3):
        for statement, kind in (
            ("UPDATE reading_states SET position = 1", PLACE),
            ("UPDATE reading_states SET read_at = 2", LIBRARY),
            ("SELECT 1", NOTHING),
            ("DELETE FROM reading_states WHERE id = 9", LIBRARY),
        ):
            touched.begin()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(statement)
            connection.execute("COMMIT")
            assert touched.kinds == kind, statement


def test_of_a_connection_that_does_not_ask_everything_counts(connection: sqlite3.Connection) -> None:
    touched = Touched(connection)
    assert touched.kinds == EVERYTHING
    touched.begin()
    connection.set_authorizer(None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE reading_states SET position = 2")
    connection.execute("COMMIT")
    assert touched.kinds == EVERYTHING


def test_rows_that_go_with_others_count(store: Store, add_episode: Callable[..., int]) -> None:
    feed = add_feed(store)
    number = add_episode(feed_id=feed)
    store.write(partial(jobs.enqueue, episode_id=number, priority=0, now=0.0))
    assert WORK in marked(store, partial(episodes.delete, episode_id=number))
    assert marked(store, partial(feeds.delete, feed_id=feed)) == LIBRARY
