"""A backup's file: its manifest, and its verification."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import CastMindError
from core.message import Message
from core.ops.backup import archive
from core.ops.backup.archive import Asked, never
from core.ops.backup.manifest import Manifest

# Receives the progress of reading, in bytes of the packed files: done, total.
Read = Callable[[int, int], None]


def unseen(_done: int, _total: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup's file. `error` (a Message) is why it cannot be read; then only path, name, kind, bytes and created_at are known.

    `library` and `counts` are those of its manifest.
    """

    path: Path
    name: str
    kind: str
    bytes: int
    created_at: float
    version: str = ""
    schema: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    error: str | None = None
    library: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def verified(path: Path, *, on_progress: Read = unseen, cancelled: Asked = never) -> Manifest:
    """Read every byte of a backup; return its manifest. Raises the errors of `archive.opened` and `Archive.check`."""
    with archive.opened(path) as opened:
        done, total = 0, opened.manifest.bytes

        def count(more: int) -> None:
            nonlocal done
            done += more
            on_progress(done, total)

        opened.check(on_progress=count, cancelled=cancelled)
        return opened.manifest


def look(path: Path, kind: str, status: os.stat_result) -> Backup:
    try:
        with archive.opened(path) as opened:
            made = opened.manifest
    except (CastMindError, OSError) as error:
        return Backup(path, path.name, kind, status.st_size, status.st_mtime, error=_unreadable(error))
    return Backup(
        path,
        path.name,
        kind,
        status.st_size,
        made.created_at,
        made.version,
        made.schema,
        made.contents,
        made.skipped,
        library=made.library,
        counts=made.counts,
    )


def _unreadable(error: CastMindError | OSError) -> Message:
    if isinstance(error, CastMindError):
        return Message.of(error)
    return Message(f"The file cannot be read: {error}", "archive.file_error", error=str(error))
