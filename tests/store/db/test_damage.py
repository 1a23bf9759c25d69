"""A database with any byte changed: readers raise our own errors, or succeed."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core import settings
from core.app import CastMind
from core.errors import CastMindError, DatabaseBusy, DatabaseDamaged, DatabaseUnwritable, StartError
from core.store.db import damage, db_copies
from core.store.db.database import Store
from tests.new_database import new_database
from tests.ops.backup import library


def checked(path: Path) -> None:
    if wrong := db_copies.check(path):
        raise DatabaseDamaged(f"castmind.db: {wrong}.")


def opened(path: Path) -> None:
    store = Store(path)
    try:
        store.open()
    finally:
        store.close()


READERS: dict[str, Callable[[Path], Any]] = {
    "steps": db_copies.steps,
    "size": db_copies.size,
    "check": checked,
    "media_paths": db_copies.media_paths,
    "oldest_row": db_copies.oldest_row,
    "counts": db_copies.counts,
    "copy": lambda path: db_copies.copy(path, path.with_name("copy.db")),
    "migrate": db_copies.migrate,
    "fetch_again": lambda path: db_copies.fetch_again(path, lambda _: True),
    "open": opened,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a filled database in one file."""
    data = tmp_path_factory.mktemp("whole") / "data"
    library.fill(data, episodes=2)
    with closing(sqlite3.connect(data / "castmind.db", isolation_level=None)) as db:
        db.execute("DELETE FROM notes")  # these notes cannot be indexed
        db.execute("VACUUM")
    return (data / "castmind.db").read_bytes()


def test_the_whole_file_is_read_by_all(whole: bytes, tmp_path: Path) -> None:
    assert read_all(tmp_path / "castmind.db", whole) == {}


def places(content: bytes) -> Iterator[int]:
    """Return offsets: every header byte, some of the schema's page, of each page's head and of all other bytes."""
    chance = random.Random(11)
    yield from range(0, 100, 5)
    yield from (chance.randrange(100, 4096) for _ in range(10))
    pages = range(0, len(content), 4096)
    yield from (chance.choice(pages) + chance.randrange(12) for _ in range(12))
    yield from (chance.randrange(len(content)) for _ in range(12))
    for text in (b"Episode 1", b"0001_library", b"media/", b"uploads/", b"CREATE TABLE", b"castmind"):
        at = content.find(text)
        if at >= 0:
            yield at


def flipped(content: bytes, place: int, *, by: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= by
    return bytes(changed)


def read_all(path: Path, content: bytes) -> dict[str, str]:
    """Return each reader's result for a file with `content`; only our own errors may occur."""
    said = {}
    for name, read in READERS.items():
        for old in path.parent.iterdir():
            old.unlink()
        path.write_bytes(content)
        try:
            read(path)
        except CastMindError as error:
            said[name] = error.detail
        # Any other exception fails the test by itself.
    return said


@pytest.mark.parametrize("by", [0xFF, pytest.param(0x01, marks=pytest.mark.long)])
def test_a_flipped_byte_is_read_or_said(whole: bytes, tmp_path: Path, by: int) -> None:
    said = [read_all(tmp_path / "castmind.db", flipped(whole, place, by=by)) for place in places(whole)]
    sentences = [text for found in said for text in found.values()]
    assert sentences, "no flip was seen at all"
    assert all("castmind.db" in text and text.endswith(".") for text in sentences)


def test_a_cut_off_file_is_read_or_said(whole: bytes, tmp_path: Path) -> None:
    lengths = [1, 15, 16, 99, 100, 512, 4095, 4096, 4097, 8192, len(whole) // 2, len(whole) - 4096]
    for length in lengths:
        said = read_all(tmp_path / "castmind.db", whole[:length])
        assert said.get("check"), length
        assert length >= 512 or set(said) == set(READERS), length


@pytest.mark.parametrize("content", [b"\0" * 4096, b"SQLite format 3\0" + b"\xff" * 5000, "数据库".encode() * 3000])
def test_what_is_no_database_is_said(tmp_path: Path, content: bytes) -> None:
    assert set(read_all(tmp_path / "castmind.db", content)) == set(READERS)


@pytest.mark.parametrize(
    "error", [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), TypeError("x"), MemoryError(), KeyError("a")]
)
def test_whatever_python_says_of_it_is_damage(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(DatabaseDamaged, match=type(error).__name__), damage.said(tmp_path / "a.db"):
        raise error


def test_what_says_nothing_about_the_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as one, sqlite3.connect(path, timeout=0.0) as other:
        one.execute("CREATE TABLE t (a)")
        one.commit()
        one.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"), damage.said(path):
            other.execute("BEGIN IMMEDIATE")
    for error in (FileNotFoundError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)), damage.said(path):
            raise error


def _held(path: Path, how: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA journal_mode = {'wal' if how == 'IMMEDIATE' else 'delete'}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other, closing(sqlite3.connect(path, timeout=0.01)) as mine:
        other.execute(f"BEGIN {how}")
        mine.execute("CREATE TABLE more (x)")


def _held_from_a_request(path: Path) -> None:
    raise DatabaseBusy()


def _no_more_pages(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA max_page_count = 1")
        db.execute("CREATE TABLE filling (x)")
        db.execute("INSERT INTO filling VALUES (zeroblob(100000))")


def _full_device(path: Path) -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")


def _read_only(path: Path) -> None:
    sqlite3.connect(path).execute("CREATE TABLE filling (x)")
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        db.execute("INSERT INTO filling VALUES (1)")


def _read_only_to_the_writer(_path: Path) -> None:
    raise DatabaseUnwritable("The database cannot be written.")


@pytest.mark.parametrize(
    ("meets", "says"),
    [
        (_read_only, "read-only, and whose"),
        (_read_only_to_the_writer, "read-only, and whose"),
        (lambda path: _held(path, "IMMEDIATE"), "Close that program"),
        (lambda path: _held(path, "EXCLUSIVE"), "Close that program"),
        (_held_from_a_request, "Close that program"),
        (_no_more_pages, "Make room"),
        (_full_device, "Make room"),
    ],
)
def test_a_start_that_meets_a_held_database_or_a_full_disk_says_what_to_do(
    tmp_path: Path, meets: Callable[[Path], None], says: str
) -> None:
    with pytest.raises(StartError, match=says) as told, damage.told_at_start(tmp_path / "castmind.db"):
        meets(tmp_path / "castmind.db")
    assert not isinstance(told.value, DatabaseDamaged)


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), ValueError("x"), DatabaseDamaged("y")])
def test_anything_else_at_a_start_stays_what_it_is(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(type(error)) as told, damage.told_at_start(tmp_path / "castmind.db"):
        raise error
    assert told.value is error


def test_castmind_does_not_start_on_a_database_that_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"CASTMIND_DATA_DIR": str(tmp_path), "CASTMIND_ENV": "test"}
    monkeypatch.setattr("core.store.db.database.LOCK_SECONDS", 0.05)
    with closing(Store(tmp_path / "castmind.db")) as store:
        store.open()
    with closing(sqlite3.connect(tmp_path / "castmind.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        castmind = CastMind(settings.load({}, environ=environ))
        with pytest.raises(StartError, match="Close that program"):
            castmind.start()
        other.execute("ROLLBACK")
    castmind.start()
    castmind.stop()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return new_database(tmp_path)


def test_a_whole_database_has_no_problems(database: Path) -> None:
    assert damage.quick_check(database, most_seconds=60.0) == []


def test_a_page_that_was_overwritten_is_found_and_the_file_left_as_it_is(database: Path) -> None:
    damaged = bytearray(database.read_bytes())
    for start in range(8192, len(damaged) - 4096, 4096):
        damaged[start : start + 2048] = b"\x55" * 2048
    database.write_bytes(damaged)
    assert damage.quick_check(database, most_seconds=60.0)
    assert database.read_bytes() == damaged


def test_one_that_is_stopped_or_out_of_time_says_nothing(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.store.db.damage.INSTRUCTIONS", 1)
    assert damage.quick_check(database, most_seconds=60.0, stopped=lambda: True) is None
    assert damage.quick_check(database, most_seconds=-1.0) is None
