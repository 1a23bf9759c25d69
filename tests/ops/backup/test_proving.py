"""A backup is proven by every byte and by its database opened; nothing stays beside it, whatever the answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import BackupDamaged, BackupTooNew, Cancelled
from core.ops.backup import archive, proving
from core.ops.backup.backups import Backups
from core.ops.backup.manifest import ManifestEntry
from core.store.db import db_copies
from tests.ops.backup import library

COUNTS = {"episodes": 4, "feeds": 1, "transcripts": 4, "notes": 4}


def lone(backups: Backups) -> bool:
    """Return whether nothing lies beside the one backup."""
    return len(list(backups.folder.iterdir())) == 1


def made_files(path: Path) -> tuple[ManifestEntry, ...]:
    with archive.opened(path) as opened:
        return opened.manifest.files


def test_a_sound_backup_tells_whose_it_is_and_what_it_holds(backups: Backups, data: Path) -> None:
    made = backups.create(media=True)
    seen: list[tuple[int, int]] = []
    proof = proving.proven(made.path, on_progress=lambda *step: seen.append(step))
    assert (proof.library, dict(proof.counts)) == (db_copies.began(data / "castmind.db"), COUNTS)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1] == sum(entry.bytes for entry in made_files(made.path))
    assert lone(backups)


def test_a_changed_byte_of_a_recording_is_found_by_a_proof_and_not_by_a_count(backups: Backups) -> None:
    made = backups.create(media=True)
    name = next(entry.path for entry in made_files(made.path) if entry.path.startswith("uploads/"))
    content = bytearray(made.path.read_bytes())
    content[content.index(name.encode()) + len(name) + 500] ^= 1
    made.path.write_bytes(content)
    with pytest.raises(BackupDamaged):
        proving.proven(made.path)
    assert dict(proving.counted(made.path).counts) == COUNTS
    assert lone(backups)


def test_a_cancel_leaves_nothing_beside_it(backups: Backups) -> None:
    made = backups.create(media=True)
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        proving.proven(made.path, cancelled=lambda: next(asked, True))
    assert lone(backups)


@pytest.mark.parametrize("ask", [proving.proven, proving.counted])
def test_what_is_no_database_inside_a_sound_zip_is_damaged(
    data: Path, backups: Backups, ask: Callable[[Path], proving.Proof]
) -> None:
    whole = (data / "castmind.db").read_bytes()
    (data / "castmind.db").write_bytes(whole[:100] + b"\x07" * (len(whole) - 100))
    name = library.packed(data)
    with pytest.raises(BackupDamaged, match="cannot be read"):
        ask(backups.folder / name)
    assert lone(backups)


def test_a_database_that_a_later_version_wrote_is_too_new(data: Path, backups: Backups) -> None:
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "SELECT migration_set, '9999_later', applied_at FROM _sqlite_migrations LIMIT 1"
        )
        db.commit()
    name = library.packed(data)
    with pytest.raises(BackupTooNew, match="9999_later"):
        proving.proven(backups.folder / name)
    assert lone(backups)
