from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from core.store.db.database import Store
from core.store.db.sqlite import Database, Migrations
from core.store.feeds import feeds
from core.store.library import episodes, transcription_runs
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
    """What the migrations rely on: each step is one transaction."""
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
    rows = store.read().execute("SELECT state, spoken_language, position, deleted_at FROM episodes ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [
        (None, None, 0.0, None),
        ("queued", None, 0.0, None),
        ("failed", "zh", 0.0, None),
        ("running", None, 0.0, None),
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
