"""An open database whose file was lost, written back under a name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from core.store.db import keepsake
from core.store.db.database import Store
from core.store.db.db_copies import counts
from core.store.db.sqlite import Database


def test_a_file_that_is_in_its_place_is_not_written_again(store: Store) -> None:
    assert keepsake.keep(store.read(), store.path, None) is None
    assert not list(store.path.parent.glob(".*.part"))


def test_what_is_open_is_written_to_a_part(store: Store, add_episode: Callable[..., int]) -> None:
    add_episode()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        part = keepsake.keep(Database(connection), store.path, "deleted")
    assert part and part.parent == store.path.parent and counts(part)["episodes"] == 1


def test_without_the_folder_there_is_nowhere_to_write(store: Store, tmp_path: Path) -> None:
    assert keepsake.keep(store.read(), tmp_path / "gone" / "castmind.db", "deleted") is None


def test_a_part_gets_the_lost_name_and_the_log_beside_it_goes(tmp_path: Path) -> None:
    part, path, log = tmp_path / ".x.part", tmp_path / "castmind.db", tmp_path / "castmind.db-wal"
    part.write_text("kept")
    log.write_text("of another one")
    assert keepsake.put(part, path, [log, tmp_path / "castmind.db-shm"]) == path
    assert (path.read_text(), log.exists(), part.exists()) == ("kept", False, False)


def test_what_has_taken_the_place_stays_there(tmp_path: Path) -> None:
    part, path = tmp_path / ".x.part", tmp_path / "castmind.db"
    part.write_text("kept")
    path.write_text("another library")
    target = keepsake.put(part, path, [])
    assert path.read_text() == "another library"
    assert target.read_text() == "kept" and target.name.startswith("castmind-before-") and target.suffix == ".db"
