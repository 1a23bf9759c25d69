"""The restore drill: after any damage to the data folder every row and every file is back; and a restore that cannot be
carried out changes nothing."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import BackupNoRoom, CastMindError, Conflict, NotFound, RestoreFailed, StartError
from core.ops.backup import restore as restoring
from core.ops.backup.backups import Backups
from core.ops.backup.folder_swap import Swap
from core.ops.backup.restore import Restorer, Server
from core.store.db import db_copies
from tests.ops.backup import library
from tests.ops.backup.library import backups_of, rows, tree


def restorer(data: Path, server: Server | None = None) -> Restorer:
    return Restorer(data, backups_of(data), server or Server())


def contents(data: Path) -> dict[str, str]:
    """Return all files that a user would miss, except the database, whose rows are compared."""
    return {n: h for n, h in tree(data, without=("backups", ".lock")).items() if not n.startswith("castmind.db")}


def delete_database(data: Path) -> None:
    for path in data.glob("castmind.db*"):
        path.unlink()


def scramble(data: Path) -> None:
    chance = random.Random(3)
    for folder in ("uploads", "media", "exports"):
        for path in sorted((data / folder).rglob("*")):
            if path.is_file() and chance.random() < 0.7:
                path.write_bytes(chance.randbytes(path.stat().st_size))
    (data / "castmind.db").write_bytes(b"not a database" * 5000)


def empty(data: Path) -> None:
    for name in ("uploads", "media", "exports"):
        shutil.rmtree(data / name)
    delete_database(data)


def change_rows(data: Path) -> None:
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("DELETE FROM episodes WHERE id = 1")
        db.execute("UPDATE own_notes SET markdown = 'lost'")
        db.execute("INSERT INTO feeds (id, url, title, created_at) VALUES (2, 'https://b.example', 'later', 1.0)")
        db.commit()
    next((data / "uploads").iterdir()).unlink()


# A removed column of `jobs`: rows no longer store the order of steps.
RANK = 3
WRECKS = [delete_database, scramble, empty, change_rows]


@pytest.mark.parametrize("wreck", WRECKS)
def test_every_row_and_every_file_is_back(data: Path, backups: Backups, wreck: Callable[[Path], None]) -> None:
    before, files = rows(data / "castmind.db"), contents(data)
    made = backups.create(media=True)
    wreck(data)
    result = restorer(data).restore(made.name)
    assert rows(data / "castmind.db") == before
    assert {n: h for n, h in contents(data).items() if not n.startswith("damaged-")} == files
    assert result.counts == {"episodes": 4, "feeds": 1, "transcripts": 4, "notes": 4}
    assert result.fetched_again == 0
    assert not (data / ".restore").exists()


def test_the_restore_point_leads_back_again(data: Path, backups: Backups) -> None:
    made = backups.create(media=False)
    change_rows(data)
    changed, files = rows(data / "castmind.db"), contents(data)
    result = restorer(data).restore(made.name)
    assert result.restore_point and rows(data / "castmind.db") != changed
    restorer(data).restore(result.restore_point)
    assert rows(data / "castmind.db")["own_notes"] == changed["own_notes"]
    assert rows(data / "castmind.db")["feeds"] == changed["feeds"]
    assert contents(data) == files


def test_what_was_under_way_when_a_backup_was_made_is_not_begun_again(data: Path, backups: Backups) -> None:
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        db.executemany(
            "INSERT INTO tasks (kind, state, arguments, created_at) VALUES ('bulk', ?, '{}', 1.0)",
            [("done",), ("running",), ("queued",)],
        )
        db.commit()
    made = backups.create(media=False)
    restorer(data).restore(made.name)
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        found = db.execute("SELECT state, json_extract(error, '$.code') FROM tasks ORDER BY id").fetchall()
    assert found == [("done", None), ("failed", "task_interrupted"), ("failed", "task_interrupted")]


@pytest.mark.parametrize("wreck", [scramble, delete_database])
def test_what_cannot_be_backed_up_first_is_kept_as_it_is(data: Path, backups: Backups, wreck: Callable[[Path], None]) -> None:
    made = backups.create(media=True)
    wreck(data)
    uploads = tree(data / "uploads")
    result = restorer(data).restore(made.name)
    assert result.restore_point is None and result.kept
    assert tree(data / result.kept / "uploads") == uploads
    assert (data / result.kept / "castmind.db").is_file() is (wreck is scramble)


def test_a_new_computer_has_nothing_to_keep(data: Path, backups: Backups, tmp_path: Path) -> None:
    made = backups.create(media=True, target=tmp_path / "mine.zip")
    new = tmp_path / "new"
    name = backups_of(new).take(made.path).name
    result = restorer(new).restore(name)
    assert (result.restore_point, result.kept) == (None, None)
    assert rows(new / "castmind.db") == rows(data / "castmind.db")
    assert contents(new) == contents(data)


def test_a_backup_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    library.fill(old, stop_before=library.FIRST_SCHEMA)
    assert library.steps_of(old / "castmind.db") == ("0001_library",)
    made = backups_of(old).create(media=True, target=tmp_path / "mine.zip")
    before = rows(old / "castmind.db")
    before["jobs"] = [(*row[:RANK], *row[RANK + 1 :]) for row in before["jobs"]]
    restorer(new).restore(backups_of(new).take(made.path).name)
    assert library.steps_of(new / "castmind.db") == db_copies.known_steps()
    after = rows(new / "castmind.db")
    for table in before.keys() - {"_sqlite_migrations", "sqlite_sequence"}:
        assert [row[: len(before[table][0])] for row in after[table]] == before[table] if before[table] else not after[table], (
            table
        )
    assert contents(new) == contents(old)


def test_without_media_the_audio_that_is_there_stays_and_the_rest_is_fetched_again(data: Path, backups: Backups) -> None:
    made = backups.create(media=False)
    kept, lost = sorted((data / "media").iterdir())
    lost.unlink()
    result = restorer(data).restore(made.name)
    assert result.fetched_again == 1 and kept.is_file()
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        queued = db.execute(
            "SELECT media_path, stage FROM jobs JOIN episodes ON episodes.id = episode_id WHERE jobs.state = 'queued'"
        ).fetchall()
    assert queued == [(f"media/{lost.name}", "fetch")]


def test_a_backup_of_the_database_alone_leaves_every_file_where_it_is(data: Path, backups: Backups) -> None:
    made = backups.create("migration", media=False)
    before, files = rows(data / "castmind.db"), contents(data)
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        db.execute("UPDATE own_notes SET markdown = 'lost'")
        db.commit()
    result = restorer(data).restore(made.name)
    assert rows(data / "castmind.db") == before
    assert contents(data) == files
    assert result.fetched_again == 0


def test_audio_that_feeds_brought_later_stays_for_the_way_back(data: Path, backups: Backups) -> None:
    made = backups.create(media=True)
    (data / "media" / "later.mp3").write_bytes(b"later")
    restorer(data).restore(made.name)
    assert (data / "media" / "later.mp3").read_bytes() == b"later"


def test_uploads_that_are_there_take_no_room_twice(data: Path, backups: Backups) -> None:
    made = backups.create(media=False)
    before = {path.name: path.stat().st_ino for path in (data / "uploads").iterdir()}
    restorer(data).restore(made.name)
    assert {path.name: path.stat().st_ino for path in (data / "uploads").iterdir()} == before


# --- refusals ---------------------------------------------------------------------------------------


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def tampered(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def foreign(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("holiday.jpg", b"...")


def slipping(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as zipped:
        zipped.writestr("../../evil", b"...")


def rebuilt(path: Path, database: Path) -> None:
    """Rebuild the backup with another database and matching checksums."""
    home = path.parent.parent
    shutil.copyfile(home / "castmind.db", home / "aside")
    shutil.copyfile(database, home / "castmind.db")
    made = backups_of(home).create(media=False)
    made.path.replace(path)
    (home / "aside").replace(home / "castmind.db")


def loose(path: Path) -> None:
    database = path.with_name("loose.db")
    shutil.copyfile(path.parent.parent / "castmind.db", database)
    with closing(sqlite3.connect(database)) as db:
        db.execute("INSERT INTO own_notes (episode_id, markdown, updated_at) VALUES (77, '', 0)")
        db.commit()
    rebuilt(path, database)
    database.unlink()


def newer(path: Path) -> None:
    database = path.with_name("newer.db")
    shutil.copyfile(path.parent.parent / "castmind.db", database)
    with closing(sqlite3.connect(database)) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('castmind', '9999_future', '')")
        db.commit()
    rebuilt(path, database)
    database.unlink()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (truncated, "backup_damaged"),
        (tampered, "backup_damaged"),
        (foreign, "backup_foreign"),
        (slipping, "backup_unsafe"),
        (loose, "backup_damaged"),
        (newer, "backup_too_new"),
    ],
)
def test_a_backup_that_is_no_good_changes_nothing(data: Path, backups: Backups, spoil: Callable[[Path], None], code: str) -> None:
    made = backups.create(media=True)
    spoil(made.path)
    before = tree(data)
    stopped: list[str] = []
    with pytest.raises(CastMindError) as refused:
        restorer(data, Server(stop=lambda: stopped.append("stop"))).restore(made.name)
    assert refused.value.code == code, refused.value.detail
    assert tree(data) == before
    assert stopped == [], "the server went on"
    assert not (data / ".restore").exists()


def test_a_name_that_is_no_backup_changes_nothing(data: Path) -> None:
    before = tree(data)
    with pytest.raises(NotFound):
        restorer(data).restore("../castmind.db")
    assert tree(data) == before


def test_too_little_room_is_said_before_anything_is_unpacked(
    data: Path, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backups.create(media=True)
    empty(data)
    before = tree(data)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))  # type: ignore[attr-defined]
    with pytest.raises(BackupNoRoom):
        restorer(data).restore(made.name)
    assert tree(data) == before


def mount(kind: list[str], folder: Path) -> None:
    mounted = subprocess.run(["mount", *kind, str(folder)], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"cannot mount: {mounted.stderr.strip()}")


@pytest.fixture(params=["link", "another disk", "bind mount"])
def spread(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Yield a data folder whose uploads, exports and media lie elsewhere: by link, on another disk, by bind mount."""
    data, elsewhere = tmp_path / "spread", tmp_path / "elsewhere"
    names = ("uploads", "exports", "media")
    data.mkdir()
    mounted = []
    try:
        for name in names:
            (elsewhere / name).mkdir(parents=True)
            if request.param == "link" and name != "exports":
                (data / name).symlink_to(elsewhere / name)
                continue
            (data / name).mkdir()
            if request.param == "link":
                continue
            mount(["-t", "tmpfs", "tmpfs"] if request.param == "another disk" else ["--bind", str(elsewhere / name)], data / name)
            mounted.append(data / name)
        yield data
    finally:
        for folder in mounted:
            subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("wreck", [delete_database, scramble, change_rows])
def test_folders_on_other_disks_stay_there_and_get_everything_back(
    spread: Path, tmp_path: Path, wreck: Callable[[Path], None]
) -> None:
    source = tmp_path / "source"
    library.fill(source)
    backups_of(source).create(media=True).path.rename(tmp_path / "castmind-manual-20250101-000000.zip")
    (spread / "backups").mkdir()
    shutil.copy(tmp_path / "castmind-manual-20250101-000000.zip", spread / "backups")
    name = "castmind-manual-20250101-000000.zip"
    restorer(spread).restore(name)
    wanted = {path.name for path in (source / "uploads").iterdir()}
    assert (
        rows(spread / "castmind.db") == rows(source / "castmind.db")
        and {path.name for path in (spread / "uploads").iterdir()} == wanted
    )
    places = {each: (spread / each).stat().st_ino for each in ("uploads", "media")}
    wreck(spread)
    result = restorer(spread).restore(name)
    assert rows(spread / "castmind.db") == rows(source / "castmind.db")
    for folder in ("uploads", "exports", "media"):
        assert folder not in places or (spread / folder).stat().st_ino == places[folder]
        for path in (source / folder).rglob("*"):
            if path.is_file():
                assert (spread / path.relative_to(source)).read_bytes() == path.read_bytes()
    assert (result.kept is None) == (wreck is change_rows)
    if result.kept:
        assert {path.name for path in (spread / result.kept / "uploads").iterdir()} >= wanted
    assert not any((spread / folder / ".restore").exists() for folder in places)


def test_a_restore_over_other_disks_that_fails_is_taken_back(spread: Path) -> None:
    for name in ("uploads", "exports", "media"):
        (spread / name / f"{'0' * 64}.mp3").write_bytes(b"x")
    source = spread.parent / "source"
    library.fill(source)
    (spread / "backups").mkdir()
    shutil.copy(backups_of(source).create(media=True).path, spread / "backups")

    def refuse() -> None:
        if (spread / "castmind.db").exists():
            raise StartError("no")

    before = {each: sorted(p.name for p in (spread / each).iterdir()) for each in ("uploads", "exports", "media")}
    with pytest.raises(RestoreFailed):
        restorer(spread, Server(start=refuse)).restore(next((spread / "backups").glob("*.zip")).name)
    assert before == {each: sorted(p.name for p in (spread / each).iterdir()) for each in before}


@pytest.mark.parametrize("room", [100_000, 500_000, 900_000, 1_300_000, 1_700_000])
def test_a_disk_that_fills_up_meanwhile_changes_nothing(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """Another program used up the disk space after the first check; the remaining space runs out at various steps."""
    data = small_disk / "data"
    library.fill(data)
    made = backups_of(data).create(media=True)
    scrambled = next((data / "media").iterdir())
    scrambled.write_bytes(b"x")
    free = shutil.disk_usage(small_disk).free
    (small_disk / "somebody else's").write_bytes(bytes(max(free - room, 0)))
    before = tree(data)
    monkeypatch.setattr(restoring, "need_room", lambda *_: None)
    monkeypatch.setattr("core.ops.backup.packing.need_room", lambda *_: None)
    try:
        restorer(data).restore(made.name)
    except (BackupNoRoom, RestoreFailed):
        assert tree(data) == before
        assert not (data / ".restore").exists()
    else:
        assert room > 500_000, "there was room for it"


def test_an_unfinished_unpacking_is_swept_away_by_the_next(data: Path, backups: Backups) -> None:
    made = backups.create(media=False)
    (data / ".restore" / "new").mkdir(parents=True)
    (data / ".restore" / "new" / "castmind.db").write_bytes(b"half")
    restorer(data).restore(made.name)
    assert not (data / ".restore").exists()


# --- the program around it --------------------------------------------------------------------------


def test_what_does_not_come_up_well_is_taken_back(data: Path, backups: Backups) -> None:
    made = backups.create(media=False)
    change_rows(data)
    before, files = rows(data / "castmind.db"), contents(data)
    calls: list[str] = []

    def start() -> None:
        calls.append("start")
        if len(calls) == 2:
            raise OSError("it does not come up")

    with pytest.raises(RestoreFailed, match="is back"):
        restorer(data, Server(stop=lambda: calls.append("stop"), start=start)).restore(made.name)
    assert calls == ["stop", "start", "stop", "start"]
    assert rows(data / "castmind.db") == before
    assert contents(data) == files
    assert [b.kind for b in backups.listing()] == ["restore-point", "manual"]


def test_nothing_is_followed_out_of_the_folder(data: Path, backups: Backups, tmp_path: Path) -> None:
    """A link in place of a folder is replaced itself; its target stays."""
    made = backups.create(media=False)
    elsewhere = tmp_path / "elsewhere"
    shutil.move(data / "exports", elsewhere)
    (data / "exports").symlink_to(elsewhere)
    (elsewhere / "precious").write_text("stays")
    restorer(data).restore(made.name)
    assert (elsewhere / "precious").read_text() == "stays"
    assert (data / "exports").is_dir() and not (data / "exports").is_symlink()


@pytest.mark.parametrize("failing", [{"start"}, {"stop"}, {"start", "stop"}])
@pytest.mark.parametrize(
    "error", [OSError("gone"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), sqlite3.DatabaseError("x")]
)
def test_whatever_fails_around_it_the_state_before_is_back(
    data: Path, backups: Backups, failing: set[str], error: Exception
) -> None:
    """From the swap on, every stop, every start, or both fail: the restore ends with a correct message."""
    made = backups.create(media=False)
    change_rows(data)
    before, files = rows(data / "castmind.db"), contents(data)
    calls: list[str] = []

    def call(name: str) -> None:
        calls.append(name)
        first_stop, first_start = calls == ["stop"], calls == ["stop", "start"]
        if first_start or (name in failing and not first_stop):
            raise error

    with pytest.raises(RestoreFailed) as failed:
        restorer(data, Server(stop=lambda: call("stop"), start=lambda: call("start"))).restore(made.name)
    assert rows(data / "castmind.db") == before
    assert contents(data) == files
    assert ("does not start either" in failed.value.detail) is ("start" in failing)
    assert ("back and runs" in failed.value.detail) is ("start" not in failing)


def test_nothing_is_exchanged_under_a_program_that_goes_on(data: Path, backups: Backups) -> None:
    made = backups.create(media=False)
    change_rows(data)
    before = rows(data / "castmind.db")
    calls: list[str] = []

    def call(name: str) -> None:
        calls.append(name)
        if len(calls) == 2:
            raise OSError("it does not come up")
        if len(calls) == 3:
            raise Conflict("Work still runs.")

    with pytest.raises(RestoreFailed, match="restart it now"):
        restorer(data, Server(stop=lambda: call("stop"), start=lambda: call("start"))).restore(made.name)
    assert Swap(data).recover() == "undone"
    assert rows(data / "castmind.db") == before


def test_a_server_that_cannot_be_stopped_keeps_its_library(data: Path, backups: Backups) -> None:
    made = backups.create(media=False)
    before = tree(data)

    def stop() -> None:
        raise Conflict("Work still runs.")

    with pytest.raises(Conflict):
        restorer(data, Server(stop=stop)).restore(made.name)
    assert tree(data) == before
    assert not (data / ".restore").exists()


# --- damage, sampled --------------------------------------------------------------------------------


def damaged_databases(content: bytes) -> Iterator[bytes]:
    chance = random.Random(5)
    for place in (0, 17, 19, 24, 30, 44, 58, 101, 105, *(chance.randrange(100, len(content)) for _ in range(9))):
        yield content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
    for length in (1, 100, 4096, len(content) // 2, len(content) - 4096):
        yield content[:length]
    at = content.find("集".encode()) if "集".encode() in content else content.find(b"Episode")
    yield content[:at] + b"\xff\xfe" + content[at + 2 :]
    at = content.find(b"uploads/")
    yield content[:at] + b"\xff\xfe" + content[at + 2 :]


@pytest.mark.long
def test_a_damaged_library_is_replaced_by_a_good_backup(data: Path, backups: Backups) -> None:
    """For any damage to the database, a backup succeeds or ends with a message, and a restore recovers the good one."""
    made = backups.create("manual", media=False)
    before, content = rows(data / "castmind.db"), (data / "castmind.db").read_bytes()
    for wrong in damaged_databases(content):
        (data / "castmind.db").write_bytes(wrong)
        try:
            backups.create("nightly", media=False)
        except CastMindError as error:
            assert error.detail.endswith(".")
        restorer(data).restore(made.name)
        assert rows(data / "castmind.db") == before


@pytest.mark.long
def test_a_damaged_database_in_a_backup_changes_nothing(data: Path, backups: Backups) -> None:
    """Its checksums match, so that only a check of the database itself can tell."""
    made = backups.create("manual", media=False)
    content = (data / "castmind.db").read_bytes()
    refused = 0
    for number, wrong in enumerate(damaged_databases(content)):
        packed_around(made.path, wrong, target := made.path.with_name(f"castmind-imported-20260101-0000{number:02}.zip"))
        before = tree(data, without=("backups",))
        try:
            restorer(data).restore(target.name)
        except CastMindError as error:
            refused += 1
            assert error.detail.endswith(".")
            assert tree(data, without=("backups",)) == before
        else:
            assert db_copies.check(data / "castmind.db") is None, "only what SQLite itself finds whole is taken"
            (data / "castmind.db").write_bytes(content)
    assert refused > 10


def packed_around(source: Path, database: bytes, target: Path) -> None:
    """Pack the backup `source` with another database and a matching manifest."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        made = json.loads(old.read("manifest.json"))
        for entry in made["files"]:
            content = database if entry["path"] == "castmind.db" else old.read(entry["path"])
            entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            new.writestr(entry["path"], content)
        new.writestr("manifest.json", json.dumps(made))


def test_each_file_missing_in_turn(data: Path, backups: Backups) -> None:
    """For each file of the data folder: the backup is made without it or refused, and the good backup restores it."""
    made = backups.create("manual", media=True)
    before, files = rows(data / "castmind.db"), contents(data)
    for name in [*files, "castmind.db"]:
        (data / name).unlink()
        try:
            backups.create("nightly", media=True)
        except CastMindError as error:
            assert error.detail.endswith(".")
        restorer(data).restore(made.name)
        assert rows(data / "castmind.db") == before, name
        assert {n: h for n, h in contents(data).items() if not n.startswith("damaged-")} == files, name


def test_each_file_of_a_backup_missing_in_turn(data: Path, backups: Backups) -> None:
    made = backups.create("manual", media=True)
    with zipfile.ZipFile(made.path) as old:
        held = {name: old.read(name) for name in old.namelist()}
    before = tree(data, without=("backups",))
    for name in held:
        with zipfile.ZipFile(made.path, "w") as new:
            for other in held.keys() - {name}:
                new.writestr(other, held[other])
        with pytest.raises(CastMindError, match="Nothing was changed"):
            restorer(data).restore(made.name)
        assert tree(data, without=("backups",)) == before


LEADS_OUT = b'{"committed": false, "items": [{"path": "../x", "had": true}]}'


@pytest.mark.parametrize("journal", [b"", b"{", b"[]", b'{"committed": 1, "items": []}', b"\xff", b"null", LEADS_OUT])
def test_a_journal_that_cannot_be_read_is_said_and_left(data: Path, journal: bytes) -> None:
    (data / ".restore" / "old").mkdir(parents=True)
    (data / ".restore" / "journal.json").write_bytes(journal)
    before = tree(data)
    with pytest.raises(StartError, match="Nothing was changed"):
        Swap(data).recover()
    assert tree(data) == before


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE episodes SET media_path = '/etc/passwd' WHERE id = 2", "table episodes, row with id 2"),
        (
            "UPDATE segments SET text = CAST(x'ff' AS TEXT) WHERE episode_id = 3 AND id = 4",
            "table segments, row with episode_id 3, id 4",
        ),
        ("UPDATE jobs SET tries = -3 WHERE id = 5", "table jobs, row with id 5"),
        ("CREATE VIRTUAL TABLE words USING fts5(a)", "of a kind that CastMind does not make"),
    ],
)
def test_rows_and_tables_that_are_not_ours_are_refused_and_nothing_changes(
    data: Path, backups: Backups, statement: str, said: str
) -> None:
    good = (data / "castmind.db").read_bytes()
    execute(data, statement)
    name = library.packed(data)
    (data / "castmind.db").write_bytes(good)
    before = tree(data)
    with pytest.raises(CastMindError, match=said) as refused:
        restorer(data).restore(name)
    assert "Nothing was changed" in refused.value.detail
    assert tree(data) == before


def test_a_trigger_of_a_backup_never_runs(data: Path, backups: Backups) -> None:
    before = rows(data / "castmind.db")
    good = (data / "castmind.db").read_bytes()
    execute(data, "CREATE TRIGGER evil AFTER UPDATE ON jobs BEGIN DELETE FROM episodes; END")
    execute(data, "CREATE VIEW seen AS SELECT * FROM episodes")
    name = library.packed(data)
    (data / "castmind.db").write_bytes(good)
    # The backup holds no audio, so that the restore itself changes jobs.
    shutil.rmtree(data / "media")
    result = restorer(data).restore(name)
    assert result.left_out == ("trigger evil", "view seen") and result.fetched_again == 4
    after = rows(data / "castmind.db")
    assert len(after["episodes"]) == 4 and after["segments"] == before["segments"]
    assert sum("queued" in row for row in after["jobs"]) == 4


def execute(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        db.execute(statement)
        db.commit()
