from __future__ import annotations

import json
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.episodes.reading_state import ReadingState
from core.domain.jobs.job import Stage, State
from core.domain.notes.note import Notes
from core.store.db.database import Store
from core.store.db.sqlite import Database, Migrations
from core.store.feeds import feeds
from core.store.jobs import jobs, queue_views
from core.store.library import episodes, hear_again, listing, transcription_runs
from core.store.migrations import migrations
from core.store.text import transcripts


def schema(path: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name").fetchall()
    db.close()
    return [(name, sql) for name, sql in rows]


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "castmind.db"
    found = []
    for _ in range(2):
        store = Store(path)
        store.open()
        store.close()
        found.append(schema(path))
    assert found[0] == found[1]
    assert {"feeds", "episodes", "jobs", "checkpoints", "transcripts", "segments", "notes", "own_notes", "settings"} <= {
        name for name, _ in found[0]
    }


def test_a_new_database_is_sound(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db")
    store.open()
    assert store.read().execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert store.read().execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    store.close()


def test_steps_are_numbered_without_gaps() -> None:
    db = Database(memory=True)
    names = [m.name for m in migrations.pending(db)]
    db.close()
    assert [name.split("_")[0] for name in names] == [f"{n:04d}" for n in range(1, len(names) + 1)]


def test_a_step_that_fails_leaves_nothing_of_itself() -> None:
    """The migrations rely on this: each step is one transaction."""
    steps = Migrations("test")

    @steps(name="0001_half")
    def half(db: Database) -> None:
        db.execute("CREATE TABLE t (id)")
        raise ValueError("no")

    db = Database(sqlite3.connect(":memory:", isolation_level=None))
    with pytest.raises(ValueError, match="no"):
        steps.apply(db)
    assert "t" not in db.table_names()
    assert [m.name for m in steps.pending(db)] == ["0001_half"]
    db.close()


def test_a_library_from_before_the_reading_room_is_listed_by_state_and_language(tmp_path: Path) -> None:
    path = tmp_path / "castmind.db"
    db = Database(sqlite3.connect(path, isolation_level=None))
    migrations.apply(db, stop_before="0003_reading")
    for number, states in enumerate([(), ("done", "queued"), ("done", "done", "failed"), ("done", "running")], start=1):
        db.execute("INSERT INTO episodes (title, source, created_at, updated_at) VALUES ('x', 'upload', 0, 0)")
        for rank, state in enumerate(states):
            stage = ("fetch", "transcribe", "summarise")[rank]
            row = [number, stage, rank, state]
            db.execute("INSERT INTO jobs (episode_id, stage, rank, state, created_at) VALUES (?, ?, ?, ?, 0)", row)
    db.execute("INSERT INTO transcripts VALUES (3, 'zh', 9, 9, 9, '{\"model\": \"m\"}', 5.0)")
    db.execute("INSERT INTO segments VALUES (3, 0, 0, 1, '你好', NULL, NULL)")
    db.close()
    store = Store(path)
    store.open()
    rows = store.read().execute("SELECT state, spoken_language, deleted_at FROM episodes ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [
        (None, None, None),
        ("queued", None, None),
        ("failed", "zh", None),
        ("running", None, None),
    ]
    assert transcripts.version(store.read(), 3) == 5.0
    assert [s.original for s in transcripts.segments(store.read(), 3)] == [None]
    assert episodes.count(store.read()) == 4
    store.close()


def test_what_was_transcribed_before_counts_in_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "castmind.db"
    db = Database(sqlite3.connect(path, isolation_level=None))
    migrations.apply(db, stop_before="0005_transcriptions")
    engine = '{"model": "small", "device": "cuda", "compute_type": "float16", "batch_size": 8}'
    for number, (duration, wall, kept) in enumerate(
        [(3600.0, 90.0, engine), (60.0, 6.0, '{"model": "demo"}'), (0.0, 1.0, engine)], 1
    ):
        db.execute("INSERT INTO episodes (title, source, created_at, updated_at) VALUES ('x', 'upload', 0, 0)")
        db.execute(
            "INSERT INTO transcripts (episode_id, language, duration, speech_seconds, wall_seconds, engine, created_at) "
            "VALUES (?, 'en', ?, 0, ?, ?, ?)",
            [number, duration, wall, kept, float(number)],
        )
    db.close()
    store = Store(path)
    store.open()
    runs = transcription_runs.newest(store.read(), limit=10)
    assert [(run.episode_id, run.finished_at, run.factor, run.model, run.device) for run in runs] == [
        (2, 2.0, 0.1, "demo", "cpu"),
        (1, 1.0, 0.025, "small", "cuda"),
    ]
    store.close()


@pytest.mark.parametrize("step", ["0012_moves", "0013_shows", "0017_standing"])
def test_feeds_are_read_anew_when_more_of_them_is_heard(tmp_path: Path, step: str) -> None:
    path = tmp_path / "castmind.db"
    db = Database(sqlite3.connect(path, isolation_level=None))
    migrations.apply(db, stop_before=step)
    db.execute(
        "INSERT INTO feeds (url, title, created_at, etag, last_modified, body_hash, next_poll_at) "
        "VALUES ('u', 't', 1, 'e', 'l', 'b', 9)"
    )
    db.close()
    store = Store(path)
    store.open()
    feed = feeds.get(store.read(), 1)
    store.close()
    assert (feed.etag, feed.last_modified, feed.body_hash, feed.moves_to, feed.next_poll_at) == (None, None, None, None, 9.0)


def of_jobs(db: Database) -> set[tuple[str, str]]:
    """The triggers and indexes of the table, in words without regard to how they are spaced."""
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'jobs' AND type <> 'table' AND sql IS NOT NULL")
    return {(row[0], " ".join(row[1].split())) for row in rows}


def test_jobs_of_the_version_before_go_on_where_they_were(tmp_path: Path) -> None:
    path = tmp_path / "castmind.db"
    db = Database(sqlite3.connect(path, isolation_level=None))
    db.execute("PRAGMA foreign_keys = ON")
    migrations.apply(db, stop_before="0026_job_steps")
    states = {"fetch": "done", "transcribe": "running", "summarise": "waiting", "publish": "failed"}
    for number in (1, 2):
        db.execute("INSERT INTO episodes (id, title, source, created_at, updated_at) VALUES (?, 'x', 'upload', 0, 0)", [number])
    for rank, (stage, state) in enumerate(states.items()):
        db.execute(
            "INSERT INTO jobs (id, episode_id, stage, rank, state, priority, tries, token, not_before, lease_until, progress, "
            "detail, error, cancel_requested, created_at, started_at, finished_at, trashed, crashes, faults) "
            "VALUES (?, 1, ?, ?, ?, 10, 2, 7, 3.5, 9.5, 0.5, "
            '\'{"phase": "x"}\', \'{"code": "c"}\', 1, 1.0, 2.0, NULL, 0, 1, 1)',
            [10 + rank, stage, rank, state],
        )
    db.execute("INSERT INTO jobs (id, episode_id, stage, rank, state, created_at) VALUES (90, 2, 'fetch', 0, 'queued', 0)")
    db.execute("DELETE FROM jobs WHERE id = 90")
    db.execute("INSERT INTO checkpoints VALUES (1, 'transcribe', 'k', '{}', 1.0)")
    db.execute("INSERT INTO hear_again VALUES (1, 0.0, 1.0, 'small', 1.0)")
    before = of_jobs(db)
    was = [dict(row) for row in db.query("SELECT * FROM jobs ORDER BY id")]
    migrations.apply(db, stop_before="0030_better_notes")
    after = of_jobs(db)
    assert {name for name, _ in after} == {name for name, _ in before}
    assert after ^ before == {each for each in after | before if each[0] == "jobs_listed"}
    db.close()
    store = Store(path)
    store.open()
    now = list(store.read().query("SELECT * FROM jobs ORDER BY id"))
    held = {"waiting": "c"}
    assert now == [{k: v for k, v in row.items() if k != "rank"} | {"condition": held.get(row["state"])} for row in was]
    # The numbers of jobs go on, its triggers and references work.
    store.write(partial(jobs.enqueue, episode_id=2, priority=0, now=0.0, stages=["fetch"]))
    assert jobs.of_episode(store.read(), 2)[0].id == 91
    store.write(lambda db: db.execute("UPDATE jobs SET state = 'cancelled' WHERE stage = 'transcribe'"))
    assert (jobs.get(store.read(), 11).state, hear_again.pending(store.read(), 1)) == (State.DONE, False)
    assert store.read().execute("SELECT state FROM episodes WHERE id = 1").fetchone()[0] == "failed"
    store.write(lambda db: db.execute("DELETE FROM episodes WHERE id = 1"))
    assert [job.episode_id for job in queue_views.in_states(store.read(), list(State))] == [2]
    store.close()


def test_a_database_without_jobs_numbers_them_from_one(tmp_path: Path) -> None:
    path = tmp_path / "castmind.db"
    db = Database(sqlite3.connect(path, isolation_level=None))
    migrations.apply(db, stop_before="0026_job_steps")
    db.execute("INSERT INTO episodes (id, title, source, created_at, updated_at) VALUES (1, 'x', 'upload', 0, 0)")
    db.close()
    store = Store(path)
    store.open()
    store.write(partial(jobs.enqueue, episode_id=1, priority=0, now=0.0))
    assert [(job.id, job.stage) for job in jobs.of_episode(store.read(), 1)] == list(enumerate(Stage, start=1))
    store.close()


def test_marks_of_a_library_with_one_reader_become_the_owners(tmp_path: Path) -> None:
    path = tmp_path / "castmind.db"
    db = Database(sqlite3.connect(path, isolation_level=None))
    migrations.apply(db, stop_before="0028_reading_states")
    marks = [(1.0, 2.0, 3.5, 4.0), (None, None, 0.0, None), (None, 5.0, 0.0, None), (None, None, 0.0, 6.0)]
    for read_at, starred_at, position, played_at in marks:
        db.execute(
            "INSERT INTO episodes (title, source, created_at, updated_at, read_at, starred_at, position, played_at) "
            "VALUES ('x', 'upload', 0, 0, ?, ?, ?, ?)",
            [read_at, starred_at, position, played_at],
        )
    db.close()
    store = Store(path)
    store.open()
    found = [each.reading for each in episodes.rows(store.read(), [1, 2, 3, 4], user_id=OWNER.user_id)]
    assert found == [ReadingState(*mark) for mark in marks]
    kept = store.read().execute("SELECT episode_id, read_at, starred_at, position, played_at FROM reading_states").fetchall()
    assert [tuple(row) for row in kept] == [(number, *mark) for number, mark in enumerate(marks, start=1) if number != 2]
    assert [listing.ids(store.read(), Filter(unread=False), user_id=OWNER.user_id)] == [[1]]
    assert [tuple(row) for row in store.read().execute("SELECT id, role FROM users")] == [(OWNER.user_id, "admin")]
    columns = {row[0] for row in store.read().execute("SELECT name FROM pragma_table_info('episodes')")}
    assert not columns & {"read_at", "starred_at", "position", "played_at"}
    assert store.read().execute("PRAGMA foreign_key_check").fetchall() == []
    store.close()


def test_marks_that_are_there_become_bits_of_the_episodes(tmp_path: Path) -> None:
    path = tmp_path / "castmind.db"
    db = Database(sqlite3.connect(path, isolation_level=None))
    migrations.apply(db, stop_before="0029_mark_bits")
    for _ in range(3):
        db.execute("INSERT INTO episodes (title, source, created_at, updated_at) VALUES ('x', 'upload', 0, 0)")
    for user_id in (2, 62, 63):
        db.execute("INSERT INTO users (id, role, created_at) VALUES (?, 'member', 0)", [user_id])
    marks = [(1, 1, 5.0, None), (1, 2, None, 6.0), (2, 1, 7.0, 7.0), (62, 1, None, 8.0), (63, 2, 9.0, 9.0)]
    db.conn.executemany("INSERT INTO reading_states (user_id, episode_id, read_at, starred_at) VALUES (?, ?, ?, ?)", marks)
    db.close()
    store = Store(path)
    store.open()
    found = store.read().execute("SELECT read_by, starred_by FROM episodes ORDER BY id").fetchall()
    assert [tuple(row) for row in found] == [(2 | 4, 4 | 1 << 62), (0, 2), (0, 0)]
    listed = {user: listing.ids(store.read(), Filter(starred=True), user_id=user) for user in (1, 2, 62, 63)}
    assert listed == {1: [2], 2: [1], 62: [1], 63: [2]}
    store.close()


def test_an_episode_whose_better_notes_wait_is_done_after_the_update(tmp_path: Path) -> None:
    path = tmp_path / "castmind.db"
    db = Database(sqlite3.connect(path, isolation_level=None))
    migrations.apply(db, stop_before="0030_better_notes")
    for number, notes in ((1, True), (2, False)):
        db.execute("INSERT INTO episodes (id, title, source, created_at, updated_at) VALUES (?, 'x', 'upload', 0, 0)", [number])
        for stage, state in {"fetch": "done", "transcribe": "done", "summarise": "waiting", "publish": "done"}.items():
            error = '{"code": "ollama_unreachable", "detail": "No.", "params": {}}' if state == "waiting" else None
            sql = "INSERT INTO jobs (episode_id, stage, state, error, created_at) VALUES (?, ?, ?, ?, 0)"
            db.execute(sql, [number, stage, state, error])
        if notes:
            content = json.dumps(Notes("Gist.").to_dict())
            sql = "INSERT INTO notes (episode_id, engine, model, language, coverage, content, created_at) "
            sql += "VALUES (?, '', '', '', 1, ?, 0)"
            db.execute(sql, [number, content])
    assert [row[0] for row in db.execute("SELECT state FROM episodes ORDER BY id")] == ["waiting", "waiting"]
    db.close()
    store = Store(path)
    store.open()
    assert [row[0] for row in store.read().execute("SELECT state FROM episodes ORDER BY id")] == ["done", "waiting"]
    assert [(held.code, held.count) for held in queue_views.held(store.read())] == [("ollama_unreachable", 2)]
    store.close()
