"""Pack many files into one zip, sent while it is made or written to disk: no more than one of them is in memory.

(stem, suffix, contents) ─► names that are safe on every system and come once ─► zip ─┬─► chunks of bytes
                                                                                     └─► .part ─► fsync ─► rename
"""

from __future__ import annotations

import errno
import io
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from core.errors import DiskFull

NAME_BYTES = 120
_UNSAFE = re.compile(r'[<>:"/\\|?*]')
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789")}


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """`name` is a whole file name. `packed`: it is compressed already."""

    name: str
    content: bytes
    packed: bool = False


class Names:
    """Gives each title a stem of its own, also where names that differ in case alone are the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def stem(self, title: str) -> str:
        plain = safe_stem(title)
        name, number = plain, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{plain} ({number})"
        self._taken.add(name.casefold())
        return name


def safe_stem(title: str) -> str:
    """Return the title as a file name without suffix that Windows, macOS and Linux take; "episode" when nothing is left."""
    normal = unicodedata.normalize("NFC", title)
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in normal)
    kept = " ".join(_UNSAFE.sub(" ", shown).split())
    # Cut between characters, never within one.
    short = kept.encode("utf-8")[:NAME_BYTES].decode("utf-8", "ignore").strip(". ")
    return f"{short}_" if short.split(".")[0].strip().casefold() in _DEVICES else short or "episode"


def zipped(entries: Iterable[ArchiveEntry], *, now: datetime) -> Iterator[bytes]:
    """Yield the zip in pieces, an entry or so each. `entries` is read lazily, as the pieces are consumed."""
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        for entry in entries:
            _put(archive, entry, now)
            yield sink.take()
    yield sink.take()


def _put(archive: ZipFile, entry: ArchiveEntry, now: datetime) -> None:
    info = ZipInfo(entry.name, (max(now.year, 1980), now.month, now.day, now.hour, now.minute, now.second))
    info.external_attr = 0o644 << 16
    archive.writestr(info, entry.content, ZIP_STORED if entry.packed else ZIP_DEFLATED)


class ZipFileOnDisk:
    """`put` entries, then `finish`, or `discard` the partial file. All raise DiskFull, and delete a part that cannot be
    finished.
    """

    def __init__(self, path: Path, *, now: datetime) -> None:
        self._path = path
        self._part = path.with_suffix(".part")
        self._now = now
        self._archive: ZipFile | None = None

    def put(self, entry: ArchiveEntry) -> None:
        with self._told():
            _put(self._opened(), entry, self._now)

    def finish(self) -> Path:
        with self._told():
            self._opened().close()
            with self._part.open("rb") as written:
                os.fsync(written.fileno())
            self._part.replace(self._path)
        return self._path

    def discard(self) -> None:
        archive, self._archive = self._archive, None
        if archive and archive.fp:
            archive.fp.close()  # without the directory that `close` would still write
            archive.fp = None
        self._part.unlink(missing_ok=True)

    def _opened(self) -> ZipFile:
        if self._archive is None:
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._archive = ZipFile(self._part, "w")
        return self._archive

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.discard()
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise DiskFull("The disk is full. The export is not kept; make room, and begin it again.") from error


class _Sink(io.RawIOBase):
    """A write-only file that hands the zip's bytes on; it cannot seek, so sizes stand after each entry."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken
