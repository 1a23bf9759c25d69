"""A recording survives any failure between its arrival and its row: as a file by name, and finally as an episode."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from core.domain.accounts.actor import OWNER
from core.errors import NotAudio, Restoring
from core.files import partial_files
from core.services.ingest.recordings import Recordings
from core.services.ingest.strays import Strays
from core.sources.uploads.inbox import Inbox
from core.sources.uploads.multipart import Received
from core.store.db.database import Store
from core.store.db.sqlite import Database
from tests.runner_fixture import Rig
from tests.sources.samples import SAMPLES

SOUND = SAMPLES / "en_short.wav"
HASH = partial_files.sha256_of(SOUND)
ROOT = Path(__file__).resolve().parents[3]


def sweep(rig: Rig) -> None:
    rig.ingest.resumable.recover()
    rig.ingest.step()
    Strays(rig.store, rig.ingest, rig.data).step()


def copies(rig: Rig) -> list[Path]:
    """Return every file of the data folder with the recording's bytes."""
    return [path for path in rig.data.rglob("*") if path.is_file() and partial_files.sha256_of(path) == HASH]


def library(rig: Rig) -> list[tuple[str, bool]]:
    """Return (title, whether the recording is complete) of each episode."""
    rows = rig.store.read().execute("SELECT title, media_path FROM episodes ORDER BY id").fetchall()
    return [(title, partial_files.sha256_of(rig.data / path) == HASH) for title, path in rows]


# --- failures ---------------------------------------------------------------------------------------


@contextmanager
def locked(rig: Rig) -> Iterator[None]:
    rig.store.write(lambda db: db.execute("PRAGMA busy_timeout = 1"))
    with closing(sqlite3.connect(rig.data / "castmind.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(rig: Rig) -> Iterator[None]:
    def shrink(db: Database) -> None:
        db.execute("CREATE TABLE filling (x)")
        db.execute("CREATE TRIGGER fill AFTER INSERT ON episodes BEGIN INSERT INTO filling VALUES (zeroblob(4000000)); END")
        db.execute("PRAGMA max_page_count = 1")

    rig.store.write(shrink)
    yield
    rig.store.write(lambda db: (db.execute("PRAGMA max_page_count = 1073741823"), db.execute("DROP TRIGGER fill")))


@contextmanager
def refusing(rig: Rig) -> Iterator[None]:
    """Insert the row, but fail on its jobs."""
    rig.store.write(lambda db: db.execute("CREATE TRIGGER no BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'no'); END"))
    yield
    rig.store.write(lambda db: db.execute("DROP TRIGGER no"))


@contextmanager
def restoring(rig: Rig) -> Iterator[None]:
    rig.store.read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig.store, "write", _given_up)
        yield


def _given_up(_: Any) -> Any:
    raise Restoring()


def from_inbox(rig: Rig) -> None:
    path = rig.data / "inbox" / "My talk.wav"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        shutil.copyfile(SOUND, path)
    inbox = Inbox(path.parent, lambda file: void(rig.ingest.take_file(file)), settle_seconds=0)
    inbox.step(0.0)


def void(_: object) -> None:
    return None


def from_upload(rig: Rig) -> None:
    part = partial_files.new_part(rig.data / "uploads")
    shutil.copyfile(SOUND, part)
    with suppress(Exception):
        rig.ingest.keep_upload(OWNER, Received(part, HASH, part.stat().st_size, "file.wav"), title="My talk")


def from_microphone(rig: Rig) -> None:
    with suppress(Exception), SOUND.open("rb") as sound:
        Recordings(rig.ingest).keep(OWNER, sound, title="My talk")


@pytest.mark.parametrize("breaks", [locked, full, refusing, restoring])
@pytest.mark.parametrize("comes", [from_inbox, from_upload, from_microphone])
def test_a_row_that_is_not_written_loses_nothing(rig: Rig, breaks: Callable[[Rig], Any], comes: Callable[[Rig], None]) -> None:
    with breaks(rig):
        comes(rig)
        assert library(rig) == []
        assert copies(rig)
    if comes is from_inbox:
        assert (rig.data / "inbox" / "My talk.wav").exists()
        comes(rig)
    sweep(rig)
    assert library(rig) == [("My talk", True)]
    assert [path.parent.name for path in copies(rig)] == ["uploads"]


@pytest.mark.parametrize("why", ["EPERM", "ENOTSUP", "ENOSYS", "EMLINK", "EXDEV"])
def test_where_no_links_can_be_made_it_is_copied(rig: Rig, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    """FAT, exFAT, 9p, drvfs and network shares each report it with a different error."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(getattr(errno, why), why)

    monkeypatch.setattr("os.link", refused)
    from_inbox(rig)
    assert library(rig) == [("My talk", True)]
    assert len(copies(rig)) == 1


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (b"\xff\xfe talk.wav", "talk"),
        (b"two\nlines.wav", "two lines"),
        (b"a bell\x07.wav", "a bell"),
        ("\u202egnp.wav".encode(), "gnp"),
        (b"-rf.wav", "-rf"),
        (b"%2e%2e.wav", "%2e%2e"),
        (b"without an ending", "without an ending"),
    ],
)
@pytest.mark.parametrize("where", ["inbox", "uploads"])
def test_a_name_of_any_bytes_comes_in(rig: Rig, where: str, name: bytes, title: str) -> None:
    folder = rig.data / where
    folder.mkdir(exist_ok=True)
    shutil.copyfile(SOUND, os.fsencode(folder) + b"/" + name)
    Inbox(folder, lambda file: void(rig.ingest.take_file(file)), settle_seconds=0).step(0.0) if where == "inbox" else sweep(rig)
    assert library(rig) == [(title, True)]
    assert [path.parent.name for path in copies(rig)] == ["uploads"]


KILLED = """
import os, sys
from pathlib import Path
from core.services.ingest.strays import Strays
from core.files import partial_files
from core.store.db.database import Store
from tests.services.ingest import test_strays as ways
from tests.runner_fixture import Rig

data, way, count = Path(sys.argv[1]), getattr(ways, sys.argv[2]), [0]
store = Store(data / "castmind.db")
store.open()
rig = Rig(store, data)

def killed(event, arguments):
    if event in ("os.rename", "os.link", "os.remove") and str(data) in str(arguments[0]):
        count[0] += 1
        if count[0] == int(sys.argv[3]):
            os._exit(9)

sys.addaudithook(killed)
way(rig)
os._exit(0)
"""


@pytest.mark.parametrize(
    ("comes", "each"),
    [
        ("from_inbox", 3),
        pytest.param("from_inbox", 1, marks=pytest.mark.long),
        pytest.param("from_upload", 1, marks=pytest.mark.long),
    ],
)
def test_a_kill_at_any_change_of_a_file_loses_nothing(tmp_path: Path, comes: str, each: int) -> None:
    """Kill the process before renames, links and removals of the import; the next start finds the recording."""
    rounds, ended = 1 - each, 9
    while ended == 9:
        rounds += each
        data = tmp_path / str(rounds)
        data.mkdir()
        script = [sys.executable, "-c", KILLED, str(data), comes, str(rounds)]
        ended = subprocess.run(script, cwd=ROOT, check=False, timeout=60).returncode
        store = Store(data / "castmind.db")
        store.open()
        rig = Rig(store, data)
        # The sender still has files without an answer, and files that were not received completely.
        partial_files.sweep(data / "uploads")
        if comes == "from_inbox":
            from_inbox(rig)
        sweep(rig)
        found = library(rig)
        store.close()
        assert ended in (0, 9)
        assert [whole for _, whole in found] == [True] or (rounds == 1 and comes == "from_upload"), rounds
        assert len(copies(rig)) == len(found)
    assert rounds > 4


# --- files without a row --------------------------------------------------------------------------


def test_what_no_row_names_becomes_an_episode_by_its_name_and_nothing_is_deleted(rig: Rig) -> None:
    uploads = rig.data / "uploads"
    shutil.copyfile(SOUND, uploads / "Interview_with_Ada.wav")
    (uploads / "notes.txt").write_text("no sound")
    (uploads / "broken.mp3").write_bytes(b"ID3\x04" + bytes(3000))
    (uploads / "link.wav").symlink_to(SOUND)
    sweep(rig)
    sweep(rig)
    assert library(rig) == [("Interview with Ada", True)]
    assert {p.name for p in uploads.iterdir() if p.is_file()} == {"broken.mp3", f"{HASH}.wav", "link.wav", "notes.txt"}


def test_a_row_of_an_older_library_does_not_cost_the_recordings_since(rig: Rig) -> None:
    from_inbox(rig)
    rig.store.write(lambda db: db.execute("DELETE FROM episodes"))
    sweep(rig)
    assert library(rig) == [(HASH, True)]


def test_a_stray_waits_for_what_knows_its_title(rig: Rig) -> None:
    shutil.copyfile(SOUND, rig.data / "uploads" / f"{HASH}.wav")
    path = rig.data / "inbox" / "My talk.wav"
    path.parent.mkdir()
    shutil.copyfile(SOUND, path)
    sweeping = Strays(rig.store, rig.ingest, rig.data)
    sweeping.step()
    assert library(rig) == []
    from_inbox(rig)
    sweeping.step()
    assert library(rig) == [("My talk", True)]


def test_a_shortened_file_of_the_library_does_not_pass_for_the_recording(rig: Rig) -> None:
    from_inbox(rig)
    kept = rig.data / "uploads" / f"{HASH}.wav"
    with kept.open("r+b") as file:
        file.truncate(1000)
    from_inbox(rig)
    assert library(rig) == [("My talk", True)]


def test_what_was_put_there_meanwhile_is_not_taken_for_what_came(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    path = rig.data / "inbox" / "My talk.wav"
    write = rig.store.write

    def replaced_after(change: Callable[[Any], Any]) -> Any:
        done = write(change)
        path.unlink(missing_ok=True)
        path.write_bytes(b"another recording")
        return done

    monkeypatch.setattr(rig.store, "write", replaced_after)
    from_inbox(rig)
    assert path.read_bytes() == b"another recording"


def test_an_upload_without_its_note_is_taken_in_at_the_next_start(rig: Rig) -> None:
    incoming = rig.data / "uploads" / "incoming"
    incoming.mkdir(parents=True)
    shutil.copyfile(SOUND, incoming / f"{'a' * 32}.part")
    shutil.copyfile(SOUND, incoming / f"{'b' * 32}.part")
    (incoming / f"{'b' * 32}.part.json").write_text('{"length": 12')
    (incoming / f"{'c' * 32}.part").touch()
    sweep(rig)
    assert library(rig) == [("Untitled", True)]
    assert [path.name for path in incoming.glob("*.part")] == []


def test_no_sound_is_refused_and_goes(rig: Rig) -> None:
    part = partial_files.new_part(rig.data / "uploads")
    part.write_text("no sound")
    with pytest.raises(NotAudio):
        rig.ingest.keep_upload(OWNER, Received(part, partial_files.sha256_of(part), 8, "x.wav"))
    assert [path for path in (rig.data / "uploads").rglob("*") if path.is_file()] == []
