"""A filled data folder for the tests of backups: every kind of row and file, in any schema since the first."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from core import settings
from core.ops.backup.archive import ArchiveSource, Writer
from core.ops.backup.backup_file import Backup, verified
from core.ops.backup.backups import Backups
from core.ops.backup.manifest import Kind, Manifest
from core.settings import Settings
from core.store.db import db_copies
from tests.new_database import new_database

FIRST_SCHEMA = "0002_feeds_remember"
"""Pass it as `stop_before` for a database of the first schema."""


def settings_of(data: Path, **changes: str) -> Settings:
    names = {f"CASTMIND_{name.upper()}": value for name, value in changes.items()}
    return settings.load(environ={"CASTMIND_DATA_DIR": str(data), "CASTMIND_ENV": "test"} | names).values


def backups_of(data: Path, *, now: float | None = None, **changes: str) -> Backups:
    values = settings_of(data, **changes)
    return Backups(data, lambda: values) if now is None else Backups(data, lambda: values, clock=lambda: now)


def night(backups: Backups, now: float | None = None) -> None:
    """The nightly backup, if it is due: what a server does by the clock, without its tasks."""
    if backups.nightly_is_due(now):
        backups.make_nightly(now)


def fill(data: Path, *, stop_before: str | None = None, episodes: int = 4) -> None:
    """Odd episodes were uploaded, even ones came with a feed; each has all that an episode can have, and its files."""
    for name in ("uploads", "media", "exports/sub", "backups"):
        (data / name).mkdir(parents=True)
    with closing(sqlite3.connect(new_database(data, stop_before=stop_before), isolation_level=None)) as db:
        # A row a transaction, and a hundred rows: nobody pulls the plug here.
        db.execute("PRAGMA synchronous = OFF")
        db.execute("INSERT INTO feeds (id, url, title, created_at) VALUES (1, 'https://a.example/feed', '播客', 10.0)")
        for number in range(1, episodes + 1):
            _episode(db, data, number)
        db.execute("INSERT INTO settings VALUES ('backlog', '9', 1.0)")
    (data / "exports" / "sub" / "notes of my own.md").write_text("kept too")


def _episode(db: sqlite3.Connection, data: Path, number: int) -> None:
    content = hashlib.sha256(str(number).encode()).digest() * 5000
    folder = "uploads" if number % 2 else "media"
    path = f"{folder}/{hashlib.sha256(content).hexdigest()}.mp3"
    (data / path).write_bytes(content)
    (data / "exports" / f"{number}-第{number}集.md").write_text(f"# {number}\n" * 50)
    db.execute(
        "INSERT INTO episodes (id, feed_id, guid, title, source, enclosure_url, sha256, media_path, bytes, "
        "created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            number,
            None if number % 2 else 1,
            None if number % 2 else f"guid-{number}",
            f"Episode {number}",
            "upload" if number % 2 else "feed",
            None if number % 2 else f"https://a.example/{number}.mp3",
            hashlib.sha256(content).hexdigest(),
            path,
            len(content),
            100.0 + number,
            200.0,
        ],
    )
    db.execute(
        "INSERT INTO jobs (episode_id, stage, state, created_at) SELECT ?, value, 'done', 1.0 FROM json_each(?)"
        if "rank" not in {row[1] for row in db.execute("PRAGMA table_info(jobs)")}
        else "INSERT INTO jobs (episode_id, stage, rank, state, created_at) SELECT ?, value, key, 'done', 1.0 FROM json_each(?)",
        [number, json.dumps(["fetch", "transcribe", "summarise", "publish"])],
    )
    db.execute(
        "INSERT INTO transcripts (episode_id, language, duration, speech_seconds, wall_seconds, engine, created_at) "
        "VALUES (?, 'zh', 60.0, 50.0, 5.0, '{\"model\": \"demo\"}', 1.0)",
        [number],
    )
    for segment in range(20):
        words = json.dumps([["word", segment, segment + 1.0, 0.9]])
        db.execute(
            "INSERT INTO segments (episode_id, id, start, end, text, words) VALUES (?, ?, ?, ?, ?, ?)",
            [number, segment, segment * 1.0, segment + 1.0, f"第 {segment} 句 sentence", words],
        )
    db.execute(
        "INSERT INTO notes (episode_id, engine, model, language, coverage, content, created_at) "
        "VALUES (?, 'ollama', 'm', 'zh', 1.0, '{\"tldr\": \"the gist\"}', 1.0)",
        [number],
    )
    db.execute("INSERT INTO own_notes (episode_id, markdown, updated_at) VALUES (?, '# mine', 3.0)", [number])
    db.execute("INSERT INTO checkpoints VALUES (?, 'summarise', 'k', '{}', 1.0)", [number])


def rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, except the query planner's statistics."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
        tables = [
            row[0]
            for row in db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat_' ORDER BY name"
            )
        ]
        return {table: sorted(map(tuple, db.execute(f'SELECT * FROM "{table}"')), key=repr) for table in tables}


def tree(folder: Path, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Hash of every file by its path; of links, where they lead. `without` are first parts of paths to leave out."""
    found = {}
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] not in without:
            found[name] = f"-> {path.readlink()}" if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_symlink())


def steps_of(database: Path) -> tuple[str, ...]:
    return db_copies.steps(database)


def packed(data: Path, kind: Kind = "imported") -> str:
    """A backup with right sums around the database as it lies there, as somebody else's program would make it; gives its name."""
    name = f"castmind-{kind}-{time.strftime('%Y%m%d-%H%M%S')}.zip"
    with (data / "backups" / name).open("wb") as file:
        writer = Writer(file)
        writer.add(ArchiveSource("castmind.db", data / "castmind.db", squeeze=True))
        writer.finish(Manifest("0.1.0", kind, time.time(), db_copies.known_steps(), tuple(writer.done)))
    return name


def names(made: Backup) -> set[str]:
    """Return the paths that a backup holds."""
    return {entry.path for entry in verified(made.path).files}


def parts_of(backups: Backups) -> list[str]:
    """Return what lies among the backups and is none."""
    return [path.name for path in backups.folder.iterdir() if path.suffix != ".zip"]
