"""The archive of the logs: compressed when a file was turned over, deleted by age and size.

    <kind>-<time>.log ─▶ members of whole lines ─▶ .log.gz.part ─▶ its .idx (log_index) ─▶ .log.gz ─▶ the plain file is deleted
    going: all files ─▶ older than their kind is kept, and the oldest beyond the budget

A kill in between leaves the plain file, and the next look ends what was begun. `<time>` is when the last line was written.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.domain.log_kinds import LogKind
from core.ops.logs import log_index
from core.ops.logs.log_files import ARCHIVE

log = logging.getLogger(__name__)

_NAME = re.compile(r"([a-z]+)-(\d{8}T\d{6}\.\d{6})Z\.log(\.gz)?")
_DAY = 86_400.0
# Files of earlier versions.
_LEFT_OVER = ("castmind.log", "castmind.log.*")


@dataclass(frozen=True, slots=True)
class LogArchive:
    """A file that was turned over. `ended_at` is in Unix seconds, `bytes` includes its index."""

    path: Path
    kind: LogKind
    ended_at: float
    bytes: int

    @property
    def packed(self) -> bool:
        return self.path.suffix == ".gz"


def listing(folder: Path) -> list[LogArchive]:
    """Return the archives of a folder of logs, newest first. A plain file goes before its own unfinished packed one."""
    found: dict[str, LogArchive] = {}
    for path in sorted((folder / ARCHIVE).glob("*.log*")):
        if (parts := _NAME.fullmatch(path.name)) is None or parts[1] not in set(LogKind):
            continue
        with contextlib.suppress(FileNotFoundError):  # deleted in between
            size = path.stat().st_size + (log_index.beside(path).stat().st_size if parts[3] else 0)
            ended = datetime.strptime(parts[2], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC).timestamp()
            found[parts[1] + parts[2]] = LogArchive(path, LogKind(parts[1]), ended, size)
    return sorted(found.values(), key=lambda each: each.ended_at, reverse=True)


def going(archives: Iterable[LogArchive], *, now: float, days: int, audit_days: int, most_bytes: int) -> list[LogArchive]:
    """Return the archives to delete. The budget takes the oldest first; audit lines go by their age alone."""
    gone, held = [], 0
    for archive in sorted(archives, key=lambda each: each.ended_at, reverse=True):
        audit = archive.kind is LogKind.AUDIT
        too_old = now - archive.ended_at > (audit_days if audit else days) * _DAY
        if too_old or (not audit and held + archive.bytes > most_bytes):
            gone.append(archive)
        elif not audit:
            held += archive.bytes
    return gone


def delete(archives: Iterable[LogArchive]) -> None:
    for archive in archives:
        archive.path.unlink(missing_ok=True)
        if archive.packed:
            log_index.beside(archive.path).unlink(missing_ok=True)


def pack(archive: LogArchive) -> Path:
    """Compress a plain file, with an index beside it. Raises OSError, and leaves the plain file then."""
    target = archive.path.with_name(f"{archive.path.name}.gz")
    part = target.with_name(f"{target.name}.part")
    index = log_index.LogIndexWriter()
    try:
        with part.open("wb") as file:
            for lines in log_index.pieces(archive.path.read_bytes()):
                packer = zlib.compressobj(6, zlib.DEFLATED, 31)
                member = packer.compress(lines) + packer.flush()
                index.add(lines, at=file.tell(), size=len(member))
                file.write(member)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(archive.path.stat().st_mode)
        index.write(log_index.beside(target))
        part.rename(target)
    except OSError:
        part.unlink(missing_ok=True)
        log_index.beside(target).unlink(missing_ok=True)
        raise
    archive.path.unlink()
    return target


def tidy(folder: Path, *, now: float, days: int, audit_days: int, most_bytes: int) -> None:
    """Compress what was turned over, and delete what has served its time. A full disk is logged, and tried again later."""
    for name in _LEFT_OVER:
        for path in folder.glob(name):
            if now - path.stat().st_mtime > days * _DAY:
                path.unlink(missing_ok=True)
    _clear(folder / ARCHIVE)
    delete(going(listing(folder), now=now, days=days, audit_days=audit_days, most_bytes=most_bytes))
    for archive in listing(folder):
        if not archive.packed:
            try:
                pack(archive)
            except OSError as error:
                log.warning("%s is not compressed yet: %s", archive.path.name, error.strerror or error)
                return


def _clear(folder: Path) -> None:
    """Delete what a kill left: unfinished parts, indexes without their file, plain files that are packed already."""
    for path in folder.glob("*.log.gz.part"):
        path.unlink()
    for path in folder.glob("*.log.idx"):
        if not path.with_suffix(".gz").exists():
            path.unlink()
    for path in folder.glob("*.log"):
        if path.with_name(f"{path.name}.gz").exists():
            path.unlink()
