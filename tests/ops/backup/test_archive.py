"""Any file that is not exactly a backup by CastMind is refused, and nothing of it is written to disk."""

from __future__ import annotations

import hashlib
import json
import random
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import BackupDamaged, BackupForeign, BackupTooNew, BackupUnsafe, UserError
from core.ops.backup import archive
from core.ops.backup.backup_file import verified
from core.ops.backup.backups import Backups

REFUSALS = (BackupDamaged, BackupForeign, BackupUnsafe, BackupTooNew)


@pytest.fixture
def whole(backups: Backups) -> Path:
    return backups.create(media=True).path


def stated(packed: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
    """Return a manifest that matches the files."""
    entries = [{"path": n, "bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in packed.items()]
    fits = {"format": 1, "program": "CastMind", "version": "0.1.0", "kind": "manual", "created_at": 1.0, "schema": []}
    return {**fits, "files": entries, **changes}


def forged(path: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any] | None = None, **changes: Any) -> Path:
    """Write a zip file as another program would."""
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.filename = name  # set afterwards: the constructor would normalise it
            zipped.writestr(info, content)
        zipped.writestr("manifest.json", json.dumps(manifest or stated(files, **changes)))
    return path


DATABASE = {"castmind.db": b"rows"}


def test_what_was_written_is_read_back_and_any_unzip_can_open_it(whole: Path, data: Path, tmp_path: Path) -> None:
    with archive.opened(whole) as opened:
        for entry in opened.manifest.files:
            opened.unpack(entry, tmp_path / "out" / entry.path)
            if entry.path != "castmind.db":
                assert (tmp_path / "out" / entry.path).read_bytes() == (data / entry.path).read_bytes()
        assert opened.manifest.contents == ("database", "uploads", "exports", "media")
    with zipfile.ZipFile(whole) as zipped:
        assert zipped.testzip() is None
        assert zipped.namelist()[-1] == "manifest.json"
        assert zipped.getinfo("castmind.db").compress_type == zipfile.ZIP_DEFLATED
        media = next(info for info in zipped.infolist() if info.filename.startswith("media/"))
        assert media.compress_type == zipfile.ZIP_STORED


def test_a_forged_zip_that_fits_is_taken(tmp_path: Path) -> None:
    """Proves that the refusals below are due to the change of each test."""
    assert verified(forged(tmp_path / "a.zip", DATABASE)).contents == ("database",)


def test_a_zip_cut_short_anywhere_is_refused(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    chance = random.Random(1)
    lengths = {0, 1, 2, 30, len(content) - 1, len(content) - 22, *(chance.randrange(len(content)) for _ in range(40))}
    for length in sorted(lengths):
        cut = tmp_path / "cut.zip"
        cut.write_bytes(content[:length])
        with pytest.raises(BackupForeign if length < 2 else BackupDamaged):
            verified(cut)


def unpacked(path: Path, to: Path) -> dict[str, bytes]:
    with archive.opened(path) as opened:
        for entry in opened.manifest.files:
            opened.unpack(entry, to / entry.path)
        return {entry.path: (to / entry.path).read_bytes() for entry in opened.manifest.files}


def test_one_changed_byte_anywhere_is_refused_or_changes_nothing_that_is_restored(whole: Path, tmp_path: Path) -> None:
    """Not every changed byte of a deflated file changes its content: a match may point to equal bytes elsewhere."""
    content = whole.read_bytes()
    good = unpacked(whole, tmp_path / "good")
    with zipfile.ZipFile(whole) as zipped:
        infos = zipped.infolist()
        bodies = [(i.header_offset + 60 + len(i.filename.encode()), i.compress_size) for i in infos if i.compress_size > 200]
    chance = random.Random(2)
    within = [start + chance.randrange(size - 100) for start, size in bodies for _ in range(3)]
    anywhere = [chance.randrange(len(content)) for _ in range(60)]
    refused = 0
    for number, at in enumerate([*within, *anywhere, *range(len(content) - 60, len(content))]):
        bad = bytearray(content)
        bad[at] ^= 0x20
        tampered = tmp_path / "tampered.zip"
        tampered.write_bytes(bad)
        try:
            verified(tampered)
            assert unpacked(tampered, tmp_path / str(number)) == good, f"a changed byte at {at} was not noticed"
        except REFUSALS:
            refused += 1
    assert refused >= len(within)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK", b"%PDF-1.4" + bytes(500)])
def test_a_file_that_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises((BackupForeign, BackupDamaged)):
        verified(tmp_path / "a.zip")


def test_somebody_elses_zip_is_told_apart_from_a_damaged_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr("holiday.jpg", b"...")
    with pytest.raises(BackupForeign, match=r"no manifest\.json"):
        verified(tmp_path / "a.zip")
    with pytest.raises(BackupForeign):
        verified(forged(tmp_path / "b.zip", DATABASE, {"program": "Other"}))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "uploads/../../evil",
        "/etc/evil",
        "uploads//evil",
        "uploads/./evil",
        "uploads/",
        "uploads",
        "uploads\\..\\evil",
        "C:evil",
        "uploads/C:evil",
        "uploads/a\nb",
        "models/evil",
        "castmind.db-wal",
        ".restore/journal.json",
        "",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    path = forged(tmp_path / "a.zip", {**DATABASE, name: b"evil"})
    with pytest.raises(BackupUnsafe):
        verified(path)
    assert [p.name for p in tmp_path.rglob("*")] == ["a.zip"]


def test_a_name_with_a_zero_byte_is_refused(tmp_path: Path) -> None:
    """zipfile truncates names at a zero byte, so the raw bytes are checked."""
    path = forged(tmp_path / "a.zip", {**DATABASE, "uploads/aXb": b"evil"})
    path.write_bytes(path.read_bytes().replace(b"uploads/aXb", b"uploads/a\0b"))
    with pytest.raises((BackupUnsafe, BackupDamaged)):
        verified(path)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        link = zipfile.ZipInfo("uploads/link")
        link.external_attr = (kind | 0o777) << 16
        zipped.writestr("castmind.db", b"rows")
        zipped.writestr(link, "/etc/passwd")
        zipped.writestr("manifest.json", json.dumps(stated({**DATABASE, "uploads/link": b"/etc/passwd"})))
    with pytest.raises(BackupUnsafe, match="no plain file"):
        verified(tmp_path / "a.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["castmind.db", "manifest.json"])
def test_a_name_that_comes_twice_is_refused(tmp_path: Path, name: str) -> None:
    path = forged(tmp_path / "a.zip", DATABASE)
    with zipfile.ZipFile(path, "a") as zipped:
        zipped.writestr(name, json.dumps(stated(DATABASE)) if name == "manifest.json" else b"rows")
    with pytest.raises(BackupUnsafe, match="twice"):
        verified(path)


def test_what_the_manifest_does_not_name_and_what_the_zip_lacks_are_refused(tmp_path: Path) -> None:
    more = {**DATABASE, "uploads/a": b"x"}
    with pytest.raises(BackupDamaged, match="uploads/a is not in its manifest"):
        verified(forged(tmp_path / "a.zip", more, stated(DATABASE)))
    with pytest.raises(BackupDamaged, match="uploads/a is missing"):
        verified(forged(tmp_path / "b.zip", DATABASE, stated(more)))
    with pytest.raises(BackupDamaged, match=r"castmind\.db"):
        verified(forged(tmp_path / "c.zip", {"uploads/a": b"x"}))


@pytest.mark.parametrize(
    "broken",
    [
        {"files": [{"path": "castmind.db"}]},
        {"files": [{"path": "castmind.db", "bytes": -1, "sha256": ""}]},
        {"files": 3},
        {"created_at": "soon"},
    ],
)
def test_a_manifest_that_lacks_something_is_refused(tmp_path: Path, broken: dict[str, Any]) -> None:
    with pytest.raises(BackupDamaged, match="manifest"):
        verified(forged(tmp_path / "a.zip", DATABASE, stated(DATABASE, **broken)))


def test_other_bytes_than_stated_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupDamaged, match="not what was written"):
        verified(forged(tmp_path / "a.zip", DATABASE, stated({"castmind.db": b"sows"})))


def test_a_bomb_stops_at_the_stated_bytes(tmp_path: Path) -> None:
    """The zip's directory understates the size of a file that unpacks to 50 MB."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("castmind.db", bytes(50_000_000))
        zipped.writestr("manifest.json", json.dumps(stated({"castmind.db": b"rows"})))
    with pytest.raises(BackupUnsafe, match="50000000 bytes, its manifest 4"):
        verified(path)
    lying = path.read_bytes().replace(struct.pack("<I", 50_000_000), struct.pack("<I", 4))
    path.write_bytes(lying)
    with archive.opened(path) as opened, pytest.raises(BackupDamaged):
        opened.unpack(opened.manifest.files[0], tmp_path / "out")
    assert (tmp_path / "out").stat().st_size <= 4


def test_a_newer_form_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BackupTooNew):
        verified(forged(tmp_path / "a.zip", DATABASE, format=2))


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    path = forged(tmp_path / "a.zip", DATABASE)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the encryption flag in the zip's directory
    path.write_bytes(content)
    with pytest.raises(BackupUnsafe, match="password"):
        verified(path)


def test_every_refusal_is_the_users_to_mend_and_says_what_was_kept(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Nothing"):
        verified(forged(tmp_path / "a.zip", {**DATABASE, "../evil": b""}))
