"""The pieces of about 1 MB in which logs are read: of files that are written, of plain archives and of compressed ones.

data/logs ─▶ listing(query, until) ─▶ LogStretch: where, first time, last time ─▶ read ─▶ lines
             what the index or the times rule out is left out
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.domain.log_kinds import LogKind
from core.ops.logs import archives, log_index
from core.ops.logs.log_query import LogQuery, stamp

_FIRST = re.compile(rb'"timestamp": "([^"]{10,40})"')
_LOOK = 65_536


@dataclass(frozen=True, slots=True)
class LogStretch:
    """Whole lines of one file. `last` is the time of its last line, or a later one."""

    path: Path
    kind: LogKind
    at: int
    size: int
    first: str
    last: str
    packed: bool

    def read(self) -> bytes:
        """Return the lines; nothing if the file was deleted or damaged meanwhile."""
        try:
            with self.path.open("rb") as file:
                data = os.pread(file.fileno(), self.size, self.at)
            return zlib.decompress(data, 31, log_index.PIECE_BYTES) if self.packed else data
        except (OSError, zlib.error):
            return b""


def listing(folder: Path, query: LogQuery, until: str) -> list[LogStretch]:
    """Return all pieces that may hold a line that fits, of `until` and before."""
    since = "" if query.since is None else stamp(query.since)
    bits = query.bits()
    found: list[LogStretch] = []
    for kind in query.wanted_kinds:
        found += _plain(folder / f"{kind}.log", kind)
    for archive in archives.listing(folder):
        if archive.kind in query.wanted_kinds and stamp(archive.ended_at) >= since:
            found += _packed(archive.path, archive.kind, query, bits) if archive.packed else _plain(archive.path, archive.kind)
    return [each for each in found if each.first <= until and each.last >= since]


def _packed(path: Path, kind: LogKind, query: LogQuery, bits: list[int]) -> Iterator[LogStretch]:
    try:
        entries, maps = log_index.read(log_index.beside(path))
    except (OSError, ValueError, KeyError, TypeError):
        return  # deleted meanwhile, or damaged: `zcat` still reads the file
    for entry, held in zip(entries, maps, strict=True):
        levels = query.levels & entry.levels.keys() if query.level != "debug" else True
        if levels and log_index.can_hold(held, bits):
            yield LogStretch(path, kind, entry.at, entry.size, entry.first, entry.last, packed=True)


def _plain(path: Path, kind: LogKind) -> list[LogStretch]:
    try:
        with path.open("rb") as file:
            fd = file.fileno()
            starts = list(_starts(fd, os.fstat(fd).st_size))
            firsts = [_moment(fd, at) for at in starts[:-1]]
    except OSError:
        return []
    lasts = [*firsts[1:], "9999"]
    return [
        LogStretch(path, kind, at, end - at, first, last, packed=False)
        for at, end, first, last in zip(starts, starts[1:], firsts, lasts, strict=False)
    ]


def _starts(fd: int, size: int) -> Iterator[int]:
    """Yield where pieces begin, and the end."""
    yield 0
    before = 0
    for at in range(log_index.PIECE_BYTES, size, log_index.PIECE_BYTES):
        found = os.pread(fd, _LOOK, at).find(b"\n")
        if found >= 0 and before < at + found + 1 < size:
            before = at + found + 1
            yield before
    if size:
        yield size


def _moment(fd: int, at: int) -> str:
    found = _FIRST.search(os.pread(fd, 4096, at))
    return found[1].decode() if found else ""
