from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from core.errors import UserError
from core.ops.replica import drill
from core.ops.replica.drill import DrillResult, LibraryState
from tests.new_database import new_database


def tag(path: Path, name: str, at: float) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO tags (name, key, created_at) VALUES (?, ?, ?)", [name, name, at])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = new_database(tmp_path / "data")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE users SET created_at = 1")
    tag(path, "old", 1000.0)
    return path


def test_a_copy_of_everything_loses_nothing_and_is_timed(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    clock = iter([10.0, 12.5, 13.0])
    found = drill.drill(library, copy, partial(shutil.copy, library, copy), clock=lambda: next(clock))  # type: ignore[arg-type]
    assert (found.rpo, found.restoring, found.checking, found.rto) == (0.0, 2.5, 0.5, 3.0)
    assert found.fault is None and found.passed
    assert found.library == found.copy and found.copy.rows["tags"] == 1 and found.copy.changed_at == 1000.0


def test_what_the_library_has_and_the_copy_lacks_is_the_loss(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(library, copy)
    tag(library, "new", 1059.0)
    found = drill.drill(library, copy, None)
    assert (found.rpo, found.rto, found.passed) == (59.0, None, True)
    assert found.library is not None and found.library.rows["tags"] - found.copy.rows["tags"] == 1
    tag(library, "newer", 1060.0)
    assert not drill.drill(library, copy, None).passed


def test_a_copy_that_is_newer_than_the_library_loses_nothing(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(library, copy)
    tag(copy, "new", 1059.0)
    assert drill.drill(library, copy, None).rpo == 0.0


def test_times_to_come_are_not_changes(library: Path, tmp_path: Path) -> None:
    tag(library, "later", 1e11)
    assert drill.state(library).changed_at == 1000.0


def test_a_damaged_copy_is_told_and_does_not_pass(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(b"no database at all" * 1000)
    found = drill.drill(library, copy, None)
    assert found.fault and not found.passed


def test_without_a_library_the_loss_is_not_known(library: Path, tmp_path: Path) -> None:
    for gone in (tmp_path / "nothing.db", tmp_path / "broken.db"):
        if gone.name == "broken.db":
            gone.write_bytes(b"no database at all" * 1000)
        found = drill.drill(gone, library, None)
        assert (found.library, found.rpo, found.passed) == (None, None, True)


def test_nothing_restored_is_an_error(library: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Nothing was restored"):
        drill.drill(library, tmp_path / "copy.db", lambda: None)


def test_without_the_program_it_says_where_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"docs/replica\.md"):
        drill.restore("file:///nowhere", tmp_path / "copy.db")


def test_what_litestream_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "litestream"
    program.write_text('#!/bin/sh\n[ "$1 $2 $3 $4" = "restore -o copy.db s3://b/p" ] && echo "no such bucket" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(UserError, match="no such bucket"):
        drill.restore("s3://b/p", Path("copy.db"))


def test_an_empty_library_has_nothing_to_lose() -> None:
    empty = LibraryState({}, None)
    assert DrillResult(empty, empty, 1.0, 1.0, None).rpo == 0.0
