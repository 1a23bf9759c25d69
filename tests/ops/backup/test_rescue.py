"""A start without its library waits for a choice, and whatever is chosen loses nothing."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from core import app, settings
from core.errors import CastMindError, Conflict, DatabaseDamaged, LibraryMissing, NotFound
from core.ops.backup import rescue as rescuing
from core.ops.backup.backups import Backups
from core.ops.backup.rescue import Rescue, RescueState
from core.store.db.folder_lock import DataFolderLock
from tests.ops.backup import library
from tests.ops.backup.library import backups_of, rows, tree
from tests.running import wait_for

DAY = 86_400.0


@contextmanager
def waiting(data: Path, start: Callable[[], None] = lambda: None, reason: CastMindError | None = None) -> Iterator[Rescue]:
    rescue = Rescue(data, backups_of(data), start)
    rescue.begin(reason or LibraryMissing("gone"))
    try:
        yield rescue
    finally:
        rescue.end()


def chosen(rescue: Rescue) -> RescueState:
    """The state once it waits for a choice."""

    def state() -> RescueState | None:
        found = rescue.state()
        return found if found and found.phase == "choosing" else None

    found: RescueState = wait_for(state)
    return found


def kept_rows(data: Path) -> dict[str, list[tuple[object, ...]]]:
    """All but the search index, which the first start makes."""
    return {table: found for table, found in rows(data / "castmind.db").items() if not table.startswith(("search_", "sqlite_"))}


def corrupt(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 0xFF
    path.write_bytes(content)


def test_the_newest_backup_that_is_really_good_is_offered(data: Path) -> None:
    now = time.time()
    made = [backups_of(data, now=now - days * DAY).create("nightly", media=True) for days in (4, 3, 2, 1)]
    (data / "castmind.db").unlink()
    corrupt(made[3].path, 0.3)
    made[2].path.write_bytes(made[2].path.read_bytes()[:-2000])
    with waiting(data) as rescue:
        state = chosen(rescue)
    assert state.found and state.found.backup.name == made[1].name
    assert state.found.counts == {"episodes": 4, "feeds": 1, "transcripts": 4, "notes": 4}
    assert state.refused == (made[3].name,), "what was cut off is seen to be none at first sight"
    assert [b.name for b in state.others] == [made[0].name]


def test_backups_of_an_empty_library_come_after_one_with_episodes(data: Path, tmp_path: Path) -> None:
    now = time.time()
    full = backups_of(data, now=now - 5 * DAY).create("nightly", media=False)
    empty = tmp_path / "empty"
    library.fill(empty, episodes=0)
    nights = [backups_of(empty, now=now - days * DAY).create("nightly", media=False).path for days in (2, 1)]
    for night in nights:
        night.rename(data / "backups" / night.name)
    (data / "castmind.db").unlink()
    with waiting(data) as rescue:
        state = chosen(rescue)
    assert state.found and state.found.backup.name == full.name
    assert {b.name for b in state.others} == {night.name for night in nights}


def test_a_backup_whose_database_is_broken_inside_a_sound_zip_is_not_offered(data: Path) -> None:
    good = backups_of(data, now=time.time() - DAY).create("nightly", media=False)
    page = 4096
    content = bytearray((data / "castmind.db").read_bytes())
    content[3 * page : 4 * page] = b"\x07" * page
    (data / "castmind.db").write_bytes(content)
    broken = library.packed(data)
    (data / "castmind.db").unlink()
    with waiting(data) as rescue:
        state = chosen(rescue)
    assert state.found and state.found.backup.name == good.name
    assert state.refused == (broken,)


def test_while_it_waits_nothing_changes_and_the_command_line_may_act(data: Path, backups: Backups) -> None:
    backups.create("manual", media=True)
    (data / "castmind.db").unlink()
    before = tree(data)
    with waiting(data) as rescue:
        chosen(rescue)
        assert tree(data) == before
        lock = DataFolderLock(data)
        lock.acquire()
        rescue.begin_new()
        state = chosen(rescue)
        assert state.error and state.error.code == "data_folder_locked"
        lock.release()
    assert tree(data, without=(".lock",)) == before


def test_a_restore_brings_rows_back_and_keeps_what_came_later(data: Path, backups: Backups) -> None:
    before = kept_rows(data)
    made = backups.create("nightly", media=True)
    later = b"came after the backup" * 1000
    name = f"{hashlib.sha256(later).hexdigest()}.mp3"
    (data / "uploads" / name).write_bytes(later)
    uploads = tree(data / "uploads")
    for path in data.glob("castmind.db*"):
        path.unlink()
    started: list[str] = []
    with waiting(data, start=lambda: started.append("yes")) as rescue:
        rescue.restore(made.name)
        wait_for(lambda: not rescue.active or rescue.state().error)  # type: ignore[union-attr]
    assert started == ["yes"]
    assert kept_rows(data) == before
    assert tree(data / "uploads") == uploads, "the later recording lies there for the sweep that makes episodes of strays"


@pytest.mark.parametrize("there", ["nothing", "empty", "another program's", "damaged"])
def test_a_new_library_keeps_recordings_and_what_stood_in_its_place(data: Path, backups: Backups, there: str) -> None:
    backups.create("manual", media=True)
    database = data / "castmind.db"
    if there == "damaged":
        database.write_bytes(b"no database" * 4000)
    else:
        database.unlink()
    if there == "empty":
        database.touch()
    if there == "another program's":
        with closing(sqlite3.connect(database)) as other:
            other.execute("CREATE TABLE bookmarks(url TEXT)")
            other.commit()
    stood = database.read_bytes() if database.is_file() else b""
    before = tree(data, without=("castmind.db",))
    with waiting(data) as rescue:
        chosen(rescue)
        rescue.begin_new()
        wait_for(lambda: not rescue.active)
    after = tree(data, without=("castmind.db", ".lock"))
    kept = {name: digest for name, digest in after.items() if name.startswith("damaged-")}
    assert {name: digest for name, digest in after.items() if name not in kept} == before
    assert list(kept.values()) == ([hashlib.sha256(stood).hexdigest()] if stood else [])
    assert rows(database)["episodes"] == []


def test_a_start_that_still_fails_asks_again_with_the_new_reason(data: Path, backups: Backups) -> None:
    backups.create("manual", media=False)
    failing: list[Exception] = [DatabaseDamaged("still broken"), RuntimeError("odd")]

    def start() -> None:
        if failing:
            raise failing.pop(0)

    with waiting(data, start) as rescue:
        chosen(rescue)
        rescue.look_again()
        wait_for(lambda: (state := rescue.state()) and state.reason.detail == "still broken")
        assert chosen(rescue).found
        rescue.look_again()
        error = wait_for(lambda: (state := rescue.state()) and state.error)
        assert "odd" in error.detail
        rescue.look_again()
        wait_for(lambda: not rescue.active)


def test_one_choice_at_a_time_and_only_of_what_is_there(data: Path, backups: Backups) -> None:
    backups.create("manual", media=False)
    gate: list[str] = []
    with waiting(data, lambda: wait_for(lambda: gate)) as rescue:
        chosen(rescue)
        for name in ("", "../castmind.db", "castmind-manual-20000101-000000.zip"):
            with pytest.raises(NotFound):
                rescue.restore(name)
        rescue.look_again()
        for press in (rescue.look_again, rescue.begin_new):
            with pytest.raises(Conflict):
                press()
        gate.append("go")
        wait_for(lambda: not rescue.active)
        with pytest.raises(Conflict):
            rescue.begin_new()


def test_castmind_itself_starts_after_the_choice(data: Path, backups: Backups) -> None:
    backups.create("manual", media=True)
    for path in data.glob("castmind.db*"):
        path.unlink()
    environ = {"CASTMIND_DATA_DIR": str(data), "CASTMIND_ENV": "test", "CASTMIND_NOTES_ENGINE": "extractive"}
    castmind = app.CastMind(settings.load(environ=environ))
    with pytest.raises(rescuing.RESCUED) as refused:
        castmind.start()
    castmind.rescue.begin(refused.value)
    try:
        castmind.rescue.begin_new()
        wait_for(lambda: castmind.ready and not castmind.rescue.active)
    finally:
        castmind.stop()
