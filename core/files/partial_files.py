"""Files on their way in: `<name>.part` while they grow, their hash as a name once they are whole.

    new_part ─▶ bytes ─▶ keep: fsync ─▶ rename ─▶ fsync of the folder       sweep: what a crash left behind
    place: the same by a second name ─▶ its row is committed ─▶ the first name goes

What nobody could send or fetch again is placed, never kept: until its row is there, the name that it
came by stays. A name without `.part` is therefore always a whole file.
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
# On Linux 95: no fsync of folders there (some network filesystems); the rename itself has happened.
_NO_FOLDER_SYNC = (errno.EINVAL, errno.EOPNOTSUPP, errno.EBADF, errno.EACCES)
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def new_part(folder: Path) -> Path:
    """A path in `folder` (made if missing) that nobody else uses."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{uuid.uuid4().hex}{PART}"


def keep(part: Path, folder: Path, sha256: str, suffix: str) -> str:
    """Moves a whole file to `folder` as `<sha256><suffix>`, durably. Returns `<folder's name>/<file name>`.

    Blocks for the fsync. When the same bytes are there already, those stay and the part goes. Raises DiskFull.
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
    """Gives a whole file a second name in `folder`, `<sha256><suffix>`, durably; it stays where it is too.

    Copies where the file system makes no links, and what has another name already: who changes it there would change ours.
    Returns `<folder's name>/<file name>`. Raises DiskFull.
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
    """Deletes the parts (and what lies beside them: `<part>.json`) whose file name is not in `keep`; returns how many parts."""
    stale = [p for p in folder.glob(f"*{PART}") if p.name not in keep] if folder.is_dir() else []
    for part in stale:
        discard(part)
    return len(stale)


def discard(part: Path) -> None:
    """Deletes a part (a folder, where one was worked in) and what a download noted beside it."""
    if part.is_dir():
        shutil.rmtree(part)
    part.unlink(missing_ok=True)
    notes_of(part).unlink(missing_ok=True)


def size_of(part: Path) -> int:
    """In bytes; 0 for what is not there."""
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def notes_of(part: Path) -> Path:
    """Where a download notes which version of the file its part belongs to."""
    return part.with_name(part.name + ".json")


def sha256_of(path: Path) -> str:
    """The file's hash, in hexadecimal; reads it block by block."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_space(folder: Path, min_free_bytes: int, coming: int = 0) -> None:
    """Raises DiskFull when less than `min_free_bytes` would be left in `folder` after `coming` bytes more."""
    free = shutil.disk_usage(folder).free
    if free - coming < min_free_bytes:
        raise DiskFull(
            f"The disk that holds {folder.name} has {free / 1e9:.1f} GB left, too little to take this in. What was there "
            "before is kept. Make room on the disk; what waits goes on by itself.",
            free=free,
        )


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns the operating system's "no space" into DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        raise DiskFull(
            f"The disk that holds {folder.name} is full. What was there before is kept. Make room on the disk; what waits "
            "goes on by itself."
        ) from error


def safe_name(filename: str) -> str:
    """The last part of a path of any system as one line of at most 200 characters, fit to show; "" when nothing is left.

    Never a path to write to: files are stored under their hash.
    """
    last = PurePosixPath(filename.replace("\\", "/")).name
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else c for c in last)
    return _shorten(" ".join(text.split()).strip(". "), keep_ending=True)


def title_of(filename: str) -> str:
    """A title from a file name: without its ending, underscores as spaces; "" when nothing is left."""
    name = safe_name(filename)
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name) or name
    return _shorten(" ".join(stem.replace("_", " ").split()))


def title_of_address(url: str) -> str:
    """A title from a web address, until somebody knows a better one. A user and password in it are no part of one."""
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
    """`target` is the whole file or not there, at any moment."""
    second = new_part(target.parent)
    try:
        if not (link and _linked(whole, second)):
            shutil.copyfile(whole, second)
            sync(second)
        second.replace(target)
    finally:
        second.unlink(missing_ok=True)


def _linked(whole: Path, second: Path) -> bool:
    """False where it cannot be: another file system, one without links, a file of somebody else."""
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
    """Waits until the file's bytes are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes renames within the folder last through a power cut."""
    try:
        sync(folder)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
