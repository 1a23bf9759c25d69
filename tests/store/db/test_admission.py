"""A database from elsewhere: nothing of its schema runs, and a row that this program does not write is named, with its table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import BackupDamaged, BackupTooNew, BackupUnsafe, CastMindError, DatabaseDamaged
from core.files.stored_names import is_plain
from core.store.db import admission, db_copies
from core.store.db.database import Store
from tests.ops.backup import library
from tests.ops.backup.library import rows


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of row, and a search index that is whole."""
    folder = tmp_path_factory.mktemp("admission") / "data"
    library.fill(folder)
    store = Store(folder / "castmind.db", write_ahead_log=False)
    store.open()
    store.close()
    return folder / "castmind.db"


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "castmind.db"
    path.write_bytes(template.read_bytes())
    return path


def run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def rewrite(path: Path, where: str, old: str, new: str) -> None:
    """Changes the text of the schema itself, as no program that is well-meaning does."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(f"UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE {where}", [old, new])
        db.commit()


def admit(path: Path) -> tuple[str, ...]:
    return admission.admit(path, is_plain)


def test_our_own_database_comes_in_as_it_is(database: Path) -> None:
    before = rows(database)
    assert admit(database) == ()
    assert rows(database) == before


@pytest.mark.parametrize(
    "stop_before",
    [pytest.param(step, marks=pytest.mark.long if n % 6 else ()) for n, step in enumerate(db_copies.known_steps()[1:])],
)
def test_so_does_one_of_any_older_schema(tmp_path: Path, stop_before: str) -> None:
    library.fill(tmp_path / "old", stop_before=stop_before)
    assert admit(tmp_path / "old" / "castmind.db") == ()


# --- rows ---------------------------------------------------------------------------------------------

WRONG = {
    # types
    ("segments", "start"): "UPDATE segments SET start = 'soon' WHERE episode_id = 2 AND id = 7",
    ("feeds", "backlog"): "UPDATE feeds SET backlog = 'many'",
    ("episodes", "title"): "UPDATE episodes SET title = x'414243' WHERE id = 3",
    ("jobs", "stage"): "UPDATE jobs SET stage = 'fetch; DROP TABLE jobs' WHERE id = 4",
    ("jobs", "priority"): "UPDATE jobs SET priority = 1.5 WHERE id = 4",
    ("own_notes", "markdown"): "UPDATE own_notes SET markdown = zeroblob(10)",
    ("feeds", "folder"): "UPDATE feeds SET folder = replace(hex(zeroblob(200)), '00', 'ab')",
    # UTF-8
    ("segments", "text"): "UPDATE segments SET text = CAST(x'ff41' AS TEXT) WHERE episode_id = 3 AND id = 19",
    ("notes", "model"): "UPDATE notes SET model = CAST(x'c3' AS TEXT)",
    ("settings", "name"): "UPDATE settings SET name = CAST(x'eda080' AS TEXT)",
    ("feeds", "url"): "UPDATE feeds SET url = CAST(x'e28228' AS TEXT)",
    # ranges
    ("episodes", "duration"): "UPDATE episodes SET duration = 9e999 WHERE id = 1",
    ("episodes", "bytes"): "UPDATE episodes SET bytes = -1 WHERE id = 1",
    ("episodes", "created_at"): "UPDATE episodes SET created_at = 1e15 WHERE id = 2",
    ("episodes", "published_at"): "UPDATE episodes SET published_at = -9e999 WHERE id = 2",
    ("jobs", "progress"): "UPDATE jobs SET progress = 40 WHERE id = 1",
    ("jobs", "tries"): "UPDATE jobs SET tries = -1 WHERE id = 1",
    ("segments", "end"): "UPDATE segments SET end = 9e999 WHERE episode_id = 1 AND id = 1",
    ("transcripts", "wall_seconds"): "UPDATE transcripts SET wall_seconds = -5 WHERE episode_id = 4",
    ("notes", "coverage"): "UPDATE notes SET coverage = 7",
    # lists, hashes, lengths
    ("episodes", "source"): "UPDATE episodes SET source = 'radio' WHERE id = 1",
    ("episodes", "sha256"): "UPDATE episodes SET sha256 = '../../etc' WHERE id = 1",
    ("episodes", "guid"): "UPDATE episodes SET guid = printf('%.*c', 2000000, 'x') WHERE id = 2",
    ("episodes", "language"): "UPDATE episodes SET language = printf('%.*c', 500, 'x') WHERE id = 2",
    # JSON
    ("transcripts", "engine"): "UPDATE transcripts SET engine = '{' WHERE episode_id = 2",
    ("segments", "words"): "UPDATE segments SET words = 'hello' WHERE episode_id = 2 AND id = 2",
    ("settings", "value"): "UPDATE settings SET value = ''",
    ("checkpoints", "payload"): "UPDATE checkpoints SET payload = '[1,' WHERE episode_id = 1",
    ("notes", "content"): "UPDATE notes SET content = '{\"points\": []}' WHERE id = 2",
    # names of files
    ("episodes", "media_path"): "UPDATE episodes SET media_path = '/etc/passwd' WHERE id = 4",
}


@pytest.mark.parametrize(("table", "column"), WRONG)
def test_a_row_that_is_wrong_is_named_with_its_table(database: Path, table: str, column: str) -> None:
    run(database, WRONG[table, column])
    with pytest.raises(BackupDamaged) as refused:
        admit(database)
    said = refused.value.detail
    assert f"table {table}, row with " in said and "Nothing was changed" in said
    assert column in said or table == "segments"


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../castmind.db",
        "uploads/../../x",
        "uploads//x",
        "secret.key",
        "backups/x.zip",
        "uploads/",
        "media/a\nb",
        "C:\\x",
    ],
)
def test_a_name_that_leaves_the_folder_does_not_come_in(database: Path, name: str) -> None:
    with closing(sqlite3.connect(database)) as db:
        db.execute(
            "INSERT INTO prunings (at, episode_id, title, what, why, bytes, file) VALUES (1, 1, 't', 'audio', 'w', 1, ?)", [name]
        )
        db.commit()
    with pytest.raises(BackupDamaged, match="table prunings, row with id 1: file is"):
        admit(database)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE jobs SET state = 'flying' WHERE id = 2",
        "INSERT INTO transcriptions VALUES (1, 1, 1.0, 0.0, 1.0, '', '', '')",
        "INSERT INTO keep_rules (feed_id, audio) VALUES (1, 'some')",
    ],
)
def test_what_a_check_of_the_schema_forbids_does_not_come_in(database: Path, statement: str) -> None:
    run(database, "PRAGMA ignore_check_constraints = ON", statement)
    with pytest.raises(BackupDamaged, match=r"CHECK constraint|which the schema forbids"):
        admit(database)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO segments (episode_id, id, start, end, text) VALUES (99, 1, 0, 1, 'of no transcript')",
        "UPDATE jobs SET episode_id = 77 WHERE id = 1",
        "DELETE FROM feeds",
    ],
)
def test_what_refers_to_nothing_does_not_come_in(database: Path, statement: str) -> None:
    run(database, "PRAGMA foreign_keys = OFF", "DROP TRIGGER search_segments_insert", statement)
    with pytest.raises(BackupDamaged, match="that is not there"):
        admit(database)


def test_what_feeds_say_of_themselves_may_be_odd(database: Path) -> None:
    run(
        database,
        "UPDATE feeds SET next_poll_at = 1e17, ttl = -1, newest_at = 0, error = 'plain words of an old version'",
        "UPDATE episodes SET published_at = -3e9, enclosure_bytes = -1, offered_duration = -5, season = 0, number = 1e9",
        "UPDATE episodes SET title = '', description = printf('%.*c', 3000000, 'x'), guid = ' ' || id WHERE id = 2",
        "UPDATE segments SET words = '[[\"a\", 0, 1, NaN]]' WHERE episode_id = 1 AND id = 0",
        "UPDATE segments SET end = start WHERE id = 5",
    )
    assert admit(database) == ()


# --- schema -------------------------------------------------------------------------------------------

HARMFUL = {
    "trigger evil": "CREATE TRIGGER evil AFTER UPDATE ON jobs BEGIN DELETE FROM episodes; END",
    "trigger on a view's insert": 'CREATE TRIGGER "on a view\'s insert" AFTER INSERT ON settings BEGIN DELETE FROM feeds; END',
    "view endless": "CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x FROM n",
    "table more": "CREATE TABLE more (a, b DEFAULT (random()), c AS (a || a), CHECK (a <> 'x'))",
    'table quo"ted': 'CREATE TABLE "quo""ted" (a)',
    "index odd": "CREATE INDEX odd ON episodes(abs(id), title || 'x')",
}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_is_not_ours_is_left_out_and_named(database: Path, name: str) -> None:
    before = rows(database)
    run(database, HARMFUL[name])
    assert admit(database) == (name,)
    assert rows(database) == before
    assert admit(database) == ()


def test_all_of_it_at_once_with_triggers_on_what_is_dropped(database: Path) -> None:
    before = rows(database)
    run(
        database,
        "CREATE TABLE more (a)",
        "CREATE INDEX of_more ON more(a)",
        "CREATE TRIGGER of_more_gone AFTER DELETE ON more BEGIN DELETE FROM episodes; END",
        "CREATE VIEW seen AS SELECT * FROM more",
        "CREATE TRIGGER through INSTEAD OF INSERT ON seen BEGIN DELETE FROM episodes; END",
        "INSERT INTO more VALUES (1)",
    )
    assert set(admit(database)) == {"table more", "index of_more", "trigger of_more_gone", "view seen", "trigger through"}
    assert rows(database) == before


@pytest.mark.parametrize("name", ["search_segments_delete", "jobs_state_change", "episodes_dismissed"])
def test_a_trigger_of_ours_with_other_words_is_made_anew(database: Path, template: Path, name: str) -> None:
    run(database, f"DROP TRIGGER {name}", f"CREATE TRIGGER {name} AFTER UPDATE ON jobs BEGIN DELETE FROM episodes; END")
    admit(database)
    assert _sql(database) == _sql(template)


def test_what_is_missing_of_ours_is_made(database: Path, template: Path) -> None:
    run(database, "DROP INDEX jobs_queue", "DROP TRIGGER search_own_notes_update", "DROP INDEX episodes_guid")
    admit(database)
    assert _sql(database) == _sql(template)


def _sql(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat%'")
        return {name: " ".join(sql.split()) for name, sql in found}


def weaken(path: Path) -> None:
    rewrite(path, "name = 'jobs' AND type = 'table'", "CHECK (state IN", "CHECK (1 OR state IN")


def default_that_runs(path: Path) -> None:
    rewrite(path, "name = 'feeds' AND type = 'table'", "backlog INTEGER NOT NULL DEFAULT 3", "backlog INTEGER NOT NULL DEFAULT 9")


def steps_as_a_view(path: Path) -> None:
    run(path, "ALTER TABLE _sqlite_migrations RENAME TO real", "CREATE VIEW _sqlite_migrations AS SELECT * FROM real")


def another_virtual_table(path: Path) -> None:
    run(path, "CREATE VIRTUAL TABLE words USING fts5(a)")


def search_index_of_another_kind(path: Path) -> None:
    run(path, "CREATE VIRTUAL TABLE search_77 USING fts5(text, speaker)")


def table_gone(path: Path) -> None:
    run(path, "DROP TABLE own_notes")


def no_steps(path: Path) -> None:
    run(path, "DELETE FROM _sqlite_migrations")


def step_left_out(path: Path) -> None:
    run(path, "DELETE FROM _sqlite_migrations WHERE name LIKE '0007%'")


def broken_text(path: Path) -> None:
    rewrite(path, "name = 'tags'", "CREATE TABLE", "CREATE TABLEAU")


def page_of_noise(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 5 : 4096 * 6] = b"\x5a" * 4096
    path.write_bytes(content)


def another_program(path: Path) -> None:
    path.unlink()
    run(path, "CREATE TABLE bookmarks (url TEXT)")


REFUSED: list[tuple[Callable[[Path], None], type[CastMindError]]] = [
    (weaken, BackupUnsafe),
    (default_that_runs, BackupUnsafe),
    (steps_as_a_view, BackupDamaged),
    (another_virtual_table, BackupUnsafe),
    (search_index_of_another_kind, BackupUnsafe),
    (table_gone, BackupDamaged),
    (no_steps, BackupDamaged),
    (step_left_out, BackupDamaged),
    (broken_text, DatabaseDamaged),
    (another_program, BackupDamaged),
]


@pytest.mark.parametrize(("spoil", "error"), REFUSED)
def test_a_schema_that_cannot_be_trusted_does_not_come_in(
    database: Path, spoil: Callable[[Path], None], error: type[CastMindError]
) -> None:
    spoil(database)
    with pytest.raises(error) as refused:
        admit(database)
    assert refused.value.detail.endswith(".")


def test_pages_of_noise_do_not_come_in(database: Path) -> None:
    page_of_noise(database)
    with pytest.raises(CastMindError):
        admit(database)


def test_steps_of_a_later_version_do_not_come_in(database: Path) -> None:
    run(database, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('castmind', '9999_future', '')")
    with pytest.raises(BackupTooNew, match="9999_future"):
        admit(database)
