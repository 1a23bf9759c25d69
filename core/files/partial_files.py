"""Incoming files: named `<name>.part` while they grow, and by their hash once complete.

    new_part ─▶ bytes ─▶ keep: fsync ─▶ rename ─▶ fsync of the folder       sweep: delete the parts that a crash left
    place: the same under a second name ─▶ its row is committed ─▶ the first name is deleted

Use `place`, not `keep`, for a file that nobody could send or fetch again: its first name stays until its row is committed.
A name without `.part` is always a complete file.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import unicodedata
import uuid
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from core.errors import DiskFull

PART = ".part"
BLOCK = 1 << 20
GIGABYTE = 1_000_000_000
TITLE_LENGTH = 200
# Some network filesystems have no fsync of folders (EOPNOTSUPP is 95 on Linux); the rename itself has happened.
_NO_FOLDER_SYNC = (errno.EINVAL, errno.EOPNOTSUPP, errno.EBADF, errno.EACCES)
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def new_part(folder: Path) -> Path:
    """Return a new, unique path in `folder`, which is made if missing. Raises DiskFull."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{uuid.uuid4().hex}{PART}"


def keep(part: Path, folder: Path, sha256: str, suffix: str) -> str:
    """Move a complete file to `folder` as `<sha256><suffix>`, durably.

    Blocks for the fsync. If that file exists already, it stays and the part is deleted. Returns `<folder's name>/<file name>`.
    Raises DiskFull.
    """
    target = folder / f"{sha256}{suffix}"
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if _is_whole(target, part.stat().st_size):
            part.unlink()
            return f"{folder.name}/{target.name}"
        _move(part, target)
        sync_folder(folder)
    return f"{folder.name}/{target.name}"


def place(whole: Path, folder: Path, sha256: str, suffix: str) -> str:
    """Link a complete file into `folder` as `<sha256><suffix>`, durably; its first name stays.

    Copies if the file system has no hard links, or if the file has other links already: a change through one of those would
    change ours. Returns `<folder's name>/<file name>`. Raises DiskFull.
    """
    target = folder / f"{sha256}{suffix}"
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not _is_whole(target, whole.stat().st_size):
            sync(whole)
            _put(whole, target, link=whole.stat().st_nlink == 1)
            sync_folder(folder)
    return f"{folder.name}/{target.name}"


def sweep(folder: Path, keep: Container[str] = ()) -> int:
    """Delete the parts whose file name is not in `keep`, and their notes (`<part>.json`); return the number of parts."""
    stale = [p for p in folder.glob(f"*{PART}") if p.name not in keep] if folder.is_dir() else []
    for part in stale:
        discard(part)
    return len(stale)


def discard(part: Path) -> None:
    """Delete a part, which may be a folder, and the notes of its download."""
    if part.is_dir():
        shutil.rmtree(part)
    part.unlink(missing_ok=True)
    notes_of(part).unlink(missing_ok=True)


def size_of(part: Path) -> int:
    """Return the size in bytes; 0 for a missing file."""
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def notes_of(part: Path) -> Path:
    """Return the path where a download notes which version of the file its part belongs to."""
    return part.with_name(part.name + ".json")


def sha256_of(path: Path) -> str:
    """Return the file's hash in hexadecimal; read it block by block."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_space(folder: Path, min_free_bytes: int, coming: int = 0) -> None:
    """Raise DiskFull if fewer than `min_free_bytes` would be free in `folder` after `coming` more bytes."""
    free = shutil.disk_usage(folder).free
    if free - coming < min_free_bytes:
        raise DiskFull(
            f"The disk that holds {folder.name} has {free / 1e9:.1f} GB left, too little to take this in. What was there "
            "before is kept. Make room on the disk; what waits continues automatically.",
            free=free,
        )


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Raise DiskFull in place of the operating system's "no space" errors."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        raise DiskFull(
            f"The disk that holds {folder.name} is full. What was there before is kept. Make room on the disk; what waits "
            "continues automatically."
        ) from error


def safe_name(filename: str) -> str:
    """Return the last part of any system's path as one printable line of at most 200 characters; "" if nothing is left.

    For display only, never a path to write to: files are stored under their hash.
    """
    last = PurePosixPath(filename.replace("\\", "/")).name
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else c for c in last)
    return _shorten(" ".join(text.split()).strip(". "), keep_ending=True)


def title_of(filename: str) -> str:
    """Return a title from a file name: no extension, underscores as spaces; "" if nothing is left."""
    name = safe_name(filename)
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name) or name
    return _shorten(" ".join(stem.replace("_", " ").split()))


def title_of_address(url: str) -> str:
    """Return a provisional title from a URL, without the user and password that the URL may hold."""
    address = urlsplit(url)
    return title_of(address.path) or address.hostname or ""


def _shorten(text: str, *, keep_ending: bool = False) -> str:
    if len(text) <= TITLE_LENGTH:
        return text
    ending = PurePosixPath(text).suffix if keep_ending else ""
    ending = ending if len(ending) <= 10 else ""
    return text[: TITLE_LENGTH - 1 - len(ending)].rstrip() + "…" + ending


def _move(part: Path, target: Path) -> None:
    sync(part)
    try:
        part.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _put(part, target, link=False)
        part.unlink()


def _put(whole: Path, target: Path, *, link: bool = True) -> None:
    """Create `target` atomically: at any moment it is complete or absent."""
    second = new_part(target.parent)
    try:
        if not (link and _linked(whole, second)):
            shutil.copyfile(whole, second)
            sync(second)
        second.replace(target)
    finally:
        second.unlink(missing_ok=True)


def _linked(whole: Path, second: Path) -> bool:
    """Make a hard link. Return False if that fails: across file systems, without link support, or for another user's file."""
    try:
        os.link(whole, second, follow_symlinks=False)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise
        return False
    return True


def _is_whole(target: Path, size: int) -> bool:
    return not target.is_symlink() and target.is_file() and target.stat().st_size == size


def sync(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make renames within the folder durable through a power cut."""
    try:
        sync(folder)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
