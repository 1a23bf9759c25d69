"""`python -m core drill`."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core import __main__ as command_line
from tests.new_database import new_database


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path / "data"))
    path = new_database(tmp_path / "data")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE users SET created_at = 1")
    tag(path, 1000.0)
    return path


def tag(path: Path, at: float) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO tags (name, key, created_at) VALUES (?, ?, ?)", [str(at), str(at), at])


@pytest.fixture
def replica(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Litestream whose replica is this file; the real one is met by `python -m bench replicating`."""
    path = tmp_path / "replica.db"
    shutil.copy(library, path)
    program = tmp_path / "bin" / "litestream"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$4" = "file:///nas" ] && exec cp "{path}" "$3"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return path


def test_it_prints_rows_and_both_times(replica: Path, library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tag(library, 1010.0)
    assert command_line.main(["drill", "file:///nas"]) == 0
    said = capsys.readouterr().out
    assert "tags                         2       1  differs" in said
    assert "The copy is whole" in said and "RPO: 10.0 s" in said and "\nRTO: " in said


def test_one_that_is_a_minute_old_or_damaged_ends_with_1(
    replica: Path, library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tag(library, 1060.0)
    assert command_line.main(["drill", "file:///nas"]) == 1
    replica.write_bytes(b"no database at all" * 1000)
    assert command_line.main(["drill", "file:///nas"]) == 1
    assert "The copy is damaged" in capsys.readouterr().out


def test_a_file_that_was_restored_elsewhere_is_compared(replica: Path, library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["drill", "--restored", str(replica)]) == 0
    said = capsys.readouterr().out
    assert "RPO: 0.0 s" in said and "the restore was not timed here" in said


def test_without_a_library_the_rows_of_the_copy_are_shown(
    replica: Path, library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library.unlink()
    assert command_line.main(["drill", "file:///nas"]) == 0
    said = capsys.readouterr().out
    assert "tags                         -       1\n" in said and "RPO: not known" in said


@pytest.mark.parametrize("arguments", [[], ["file:///nas", "--restored", __file__]])
def test_either_an_address_or_a_file_is_named(library: Path, arguments: list[str]) -> None:
    assert command_line.main(["drill", *arguments]) == 2
