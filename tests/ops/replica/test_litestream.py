from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from core.ops.replica import drill
from core.ops.replica.litestream import Litestream, LitestreamAway, SyncState
from core.store.db.database import Store
from tests.fixtures.litestream import litestream as real_litestream
from tests.ops.replica.fake_litestream import FakeLitestream, fake_litestream
from tests.running import wait_for


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "castmind.db"


@pytest.fixture
def fake(database: Path) -> Iterator[FakeLitestream]:
    with fake_litestream(database) as server:
        yield server


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def test_it_tells_when_the_database_was_copied_and_when_all_of_it_had_arrived(fake: FakeLitestream, database: Path) -> None:
    fake.listed["last_sync_at"] = moment(900.5)
    fake.copied["updated_at"] = moment(901.25)
    assert Litestream(database).ask() == SyncState(901.25, 900.5)


def test_a_failed_copy_is_none_although_litestream_says_that_all_arrived(fake: FakeLitestream, database: Path) -> None:
    fake.listed["last_sync_at"] = moment(900)
    fake.copied |= {"updated_at": moment(901), "error": "disk I/O error"}
    assert Litestream(database).ask() == SyncState(None, 900, "disk I/O error")


def test_a_copy_that_is_under_way_is_not_one_yet(fake: FakeLitestream, database: Path) -> None:
    fake.copied |= {"updated_at": moment(901), "active": True}
    assert Litestream(database).ask() == SyncState(None, None)


def test_who_does_not_answer_is_away(database: Path) -> None:
    with pytest.raises(LitestreamAway, match=r"does not run.*litestream\.sock"):
        Litestream(database).ask()


def test_a_litestream_of_another_database_is_not_ours(fake: FakeLitestream, database: Path) -> None:
    fake.listed["path"] = "/elsewhere/other.db"
    with pytest.raises(LitestreamAway, match=r"does not replicate castmind\.db"):
        Litestream(database).ask()


def test_one_that_knows_no_such_question_is_away(fake: FakeLitestream, database: Path) -> None:
    fake.status = 404
    with pytest.raises(LitestreamAway, match="404"):
        Litestream(database).ask()


def test_it_is_told_to_close_the_file_and_to_open_the_present_one(fake: FakeLitestream, database: Path) -> None:
    one = Litestream(database)
    one.release()
    one.follow()
    assert [(what, body["path"]) for what, body in fake.did] == [("/stop", str(database)), ("/start", str(database))]


def test_without_one_nothing_is_told_and_nothing_fails(database: Path) -> None:
    Litestream(database).release()
    # One that was killed leaves its socket behind.
    Litestream(database).make_folder()
    with fake_litestream(database):
        pass
    Litestream(database).follow()


# --- the real one -----------------------------------------------------------------------------------

needs_litestream = pytest.mark.skipif(
    shutil.which(drill.PROGRAM) is None, reason="needs Litestream 0.5 in the PATH (docs/replica.md)"
)


def test_the_configuration_of_the_project_is_for_the_socket_that_is_asked(database: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "deploy" / "replica" / "litestream.yml").read_text(encoding="utf-8")
    said = text.replace("${REPLICA_DATA}", str(database.parent))
    assert f"path: {database}\n" in said and f"path: {Litestream(database)._socket}\n" in said


def names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [name for (name,) in db.execute("SELECT name FROM tags ORDER BY name")]


def add(store: Store, name: str) -> None:
    store.write(lambda db: db.execute("INSERT INTO tags (name, key, created_at) VALUES (?, ?, 1)", [name, name]))


@needs_litestream
@pytest.mark.long
def test_the_real_one_replicates_and_follows_a_file_that_took_the_place(tmp_path: Path) -> None:
    """Litestream keeps the old file open: without `release` and `follow` the replica would stay as it was."""
    data, target = tmp_path / "data", tmp_path / "target"
    data.mkdir()
    database, other = data / "castmind.db", tmp_path / "other.db"
    for path, name in ((other, "other"), (database, "first")):
        store = Store(path)
        store.open()
        add(store, name)
        store.close()
    one = Litestream(database)
    one.make_folder()

    def restored(expected: str) -> bool:
        copy = tmp_path / "copy.db"
        for side in ("", "-wal", "-shm"):
            copy.with_name(copy.name + side).unlink(missing_ok=True)
        done = subprocess.run([drill.PROGRAM, "restore", "-o", str(copy), f"file://{target}"], capture_output=True, check=False)
        return done.returncode == 0 and names(copy) == [expected]

    with real_litestream(data, target):
        wait_for(partial(restored, "first"))
        one.release()
        other.replace(database)
        for side in ("-wal", "-shm"):
            database.with_name(database.name + side).unlink(missing_ok=True)
        one.follow()
        wait_for(partial(restored, "other"))
        wait_for(lambda: one.ask().arrived_at)
        assert one.ask().error == ""
