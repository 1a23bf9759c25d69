"""The zip format of a backup: written and read in blocks, so that memory use does not depend on its size.

    write    sources ─▶ blocks ─▶ sha256 ─▶ zip ─▶ manifest last ─▶ fsync
    open     zip's directory ─▶ manifest ─▶ names and sizes of both agree ─▶ Archive
    unpack   entry ─▶ at most the stated bytes ─▶ sha256 agrees ─▶ fsync

A reader trusts neither names nor sizes, neither the zip's directory nor the manifest.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.errors import BackupDamaged, BackupForeign, BackupUnsafe, Cancelled
from core.files.partial_files import BLOCK
from core.ops.backup import manifest
from core.ops.backup.manifest import Manifest, ManifestEntry

# The manifest of a library of 100,000 episodes takes about 60 MB.
MANIFEST_BYTES = 256 << 20
# The deflate level. 131 MB of transcripts: 48 MB in 2.8 s of processor time; at level 6, 43 MB in 8.3 s (incl. hashing 500 MB).
LEVEL = 1
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    UnicodeDecodeError,
    ValueError,
)

Progress = Callable[[int], None]
Asked = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """A file to add to a backup, under `path`. `squeeze` is False for compressed formats."""

    path: str
    file: Path
    squeeze: bool


def never() -> bool:
    return False


def nothing(_bytes: int) -> None:
    return None


# --- writing ----------------------------------------------------------------------------------------


class Writer:
    """Appends files to a zip in `file`. `done` and `skipped` are collected for the manifest."""

    def __init__(self, file: IO[bytes], *, on_progress: Progress = nothing, cancelled: Asked = never) -> None:
        self._zip = zipfile.ZipFile(file, "w", allowZip64=True)
        self._on_progress, self._cancelled = on_progress, cancelled
        self.done: list[ManifestEntry] = []
        self.skipped: list[str] = []

    def add(self, source: ArchiveSource) -> None:
        """Add a file; a file that has vanished is listed as skipped. Raises Cancelled, OSError."""
        try:
            file = source.file.open("rb")
        except FileNotFoundError:
            self.skipped.append(source.path)
            return
        with file:
            info = _info(source.path, os.fstat(file.fileno()).st_mtime, squeeze=source.squeeze)
            digest, count = hashlib.sha256(), 0
            with self._zip.open(info, "w", force_zip64=True) as target:
                for block in self._blocks(file):
                    target.write(block)
                    digest.update(block)
                    count += len(block)
        self.done.append(ManifestEntry(source.path, count, digest.hexdigest()))

    def finish(self, made: Manifest) -> None:
        self._zip.writestr(_info(manifest.NAME, made.created_at, squeeze=True), made.to_json().encode())
        self._zip.close()

    def abandon(self) -> None:
        """Release the zip without writing its end, so that a reader sees that it is truncated."""
        self._zip.fp = None

    def _blocks(self, file: IO[bytes]) -> Iterator[bytes]:
        while block := file.read(BLOCK):
            if self._cancelled():
                raise Cancelled()
            yield block
            self._on_progress(len(block))


def _info(path: str, modified: float, *, squeeze: bool) -> zipfile.ZipInfo:
    when = time.localtime(modified)[:6]
    # Zip can store the years 1980 to 2107.
    info = zipfile.ZipInfo(path, when if 1980 <= when[0] <= 2107 else (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
    info._compresslevel = LEVEL  # type: ignore[attr-defined]  # `open(info, "w")` offers no other way to say it
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


# --- reading ----------------------------------------------------------------------------------------


class Archive:
    """An open backup whose names and sizes agree; `check` and `unpack` verify the bytes."""

    def __init__(self, path: Path, file: zipfile.ZipFile, made: Manifest) -> None:
        self.path = path
        self.manifest = made
        self._zip = file

    def check(self, *, on_progress: Progress = nothing, cancelled: Asked = never) -> None:
        """Read every byte. Raises BackupDamaged, Cancelled."""
        for entry in self.manifest.files:
            self.check_one(entry, on_progress=on_progress, cancelled=cancelled)

    def check_one(self, entry: ManifestEntry, *, on_progress: Progress = nothing, cancelled: Asked = never) -> None:
        """Read every byte of one file. Raises BackupDamaged, Cancelled."""
        for block in self._proven(entry, cancelled):
            on_progress(len(block))

    def unpack(self, entry: ManifestEntry, target: Path, *, on_progress: Progress = nothing, cancelled: Asked = never) -> None:
        """Write one file, complete and synced. Raises BackupDamaged, Cancelled, OSError."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for block in self._proven(entry, cancelled):
                file.write(block)
                on_progress(len(block))
            file.flush()
            os.fsync(file.fileno())

    def _proven(self, entry: ManifestEntry, cancelled: Asked) -> Iterator[bytes]:
        digest, left = hashlib.sha256(), entry.bytes
        with _reading(self.path, entry.path), self._zip.open(entry.path) as source:
            while block := source.read(BLOCK):
                left -= len(block)
                if cancelled():
                    raise Cancelled()
                if left < 0:
                    break
                digest.update(block)
                yield block
        if left or digest.hexdigest() != entry.sha256:
            raise _damaged(self.path, f"{entry.path} is not what was written")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open the backup at `path` after checking its directory and manifest.

    Raises BackupForeign, BackupDamaged, BackupUnsafe, BackupTooNew.
    """
    with path.open("rb") as file, _zip_of(path, file) as zipped:
        yield Archive(path, zipped, _manifest_of(path, zipped))


def _zip_of(path: Path, file: IO[bytes]) -> zipfile.ZipFile:
    begins_as_zip = file.read(2) == b"PK"
    file.seek(0)
    try:
        return zipfile.ZipFile(file)
    except _BROKEN as error:
        if not begins_as_zip:
            raise BackupForeign(f"{path.name} is not a backup of CastMind: it is no zip file. Nothing was changed.") from error
        raise _damaged(path, f"it is cut short ({error})") from error


def _manifest_of(path: Path, zipped: zipfile.ZipFile) -> Manifest:
    infos = zipped.infolist()
    names = [info.orig_filename for info in infos]
    if manifest.NAME not in names:
        raise BackupForeign(f"{path.name} is not a backup of CastMind: it has no {manifest.NAME}. Nothing was changed.")
    manifest.check_names(name for name in names if name != manifest.NAME)
    for info in infos:
        _check_entry(info)
    made = manifest.parse(_manifest_text(path, zipped))
    _compare(path, made.files, (info for info in infos if info.filename != manifest.NAME))
    if names.count(manifest.NAME) > 1:
        raise BackupUnsafe(f"The backup holds {manifest.NAME} twice. Nothing of it was unpacked.", path=manifest.NAME)
    return made


def _check_entry(info: zipfile.ZipInfo) -> None:
    mode = info.external_attr >> 16
    if info.is_dir() or (stat.S_IFMT(mode) not in (0, stat.S_IFREG)) or info.flag_bits & 1:
        raise BackupUnsafe(
            f"The backup's {info.filename[:200]!r} is no plain file (a link, a folder, or locked by a password). "
            "Nothing of it was unpacked.",
            path=info.filename[:200],
        )


def _manifest_text(path: Path, zipped: zipfile.ZipFile) -> str:
    with _reading(path, manifest.NAME), zipped.open(manifest.NAME) as file:
        text = file.read(MANIFEST_BYTES + 1)
        if len(text) > MANIFEST_BYTES:
            raise BackupUnsafe("The backup's manifest is larger than any that CastMind writes. Nothing of it was unpacked.")
        return text.decode()


def _compare(path: Path, stated: Iterable[ManifestEntry], packed: Iterable[zipfile.ZipInfo]) -> None:
    wanted = {entry.path: entry.bytes for entry in stated}
    found = {info.filename: info.file_size for info in packed}
    if missing := sorted(wanted.keys() - found.keys()):
        raise _damaged(path, f"{missing[0]} is missing")
    if extra := sorted(found.keys() - wanted.keys()):
        raise _damaged(path, f"{extra[0]} is not in its manifest")
    for name, size in wanted.items():
        if found[name] != size:
            raise BackupUnsafe(
                f"The backup's {name} says {found[name]} bytes, its manifest {size}. Nothing of it was unpacked.", path=name
            )


@contextmanager
def _reading(path: Path, name: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise _damaged(path, f"{name}: {error}") from error
    except OSError as error:
        # EINVAL: the zip's directory names an impossible offset, before the start of the file.
        if error.errno != errno.EINVAL:
            raise
        raise _damaged(path, f"{name} is not where it should be") from error


def _damaged(path: Path, what: str) -> BackupDamaged:
    return BackupDamaged(f"The backup {path.name} is damaged: {what}. Nothing was changed; take another backup.", file=path.name)
