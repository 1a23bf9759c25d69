"""Stream a backup from another computer to data/backups, with one block in memory.

    stream ─▶ begins as a zip? ─▶ 1 MB blocks ─▶ thread: room? write ─▶ directory and manifest ─▶ fsync ─▶ castmind-imported-….zip

After any failure, a vanished client included, no partial file stays. The bytes are verified by `verify`, and by every restore
before it changes anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import anyio.to_thread

from core.errors import BackupForeign, CastMindError
from core.files import partial_files
from core.ops.backup.backup_file import Backup
from core.ops.backup.backups import Backups
from core.ops.backup.packing import growing
from core.sources.uploads.multipart import SPACE_CHECK_BYTES, drain, shielded

ZIP_HEAD = b"PK"


async def receive(
    stream: AsyncIterator[bytes], backups: Backups, *, name: str, spare: int, content_length: int | None = None
) -> Backup:
    """Store the body as an imported backup. `name` is the sender's name for it, `spare` the bytes to keep free on the disk.

    Raises BackupForeign, BackupDamaged, BackupUnsafe, BackupTooNew, DiskFull, and whatever the stream raises.
    """
    shown = partial_files.safe_name(name) or "The file"
    with ExitStack() as held:
        try:
            await anyio.to_thread.run_sync(partial_files.check_space, backups.folder, spare, content_length or 0)
            part, file = await anyio.to_thread.run_sync(held.enter_context, growing(backups.folder))
            with partial_files.disk_errors(backups.folder):
                await _fill(stream, file, backups.folder, shown, spare)
                return await anyio.to_thread.run_sync(_adopt, part, file, backups, shown)
        except CastMindError:
            await drain(stream)
            raise
        finally:
            await shielded(held.close)


async def _fill(stream: AsyncIterator[bytes], file: IO[bytes], folder: Path, shown: str, spare: int) -> None:
    buffer, written, looked_at = bytearray(), 0, 0
    async for chunk in stream:
        buffer += chunk
        if not written and len(buffer) >= len(ZIP_HEAD):
            _check_head(buffer, shown)
        if len(buffer) >= partial_files.BLOCK:
            if written - looked_at >= SPACE_CHECK_BYTES:
                await anyio.to_thread.run_sync(partial_files.check_space, folder, spare)
                looked_at = written
            await anyio.to_thread.run_sync(file.write, bytes(buffer))
            written += len(buffer)
            buffer.clear()
    if not written:
        _check_head(buffer, shown)
    await anyio.to_thread.run_sync(file.write, bytes(buffer))


def _check_head(head: bytearray, shown: str) -> None:
    if not head.startswith(ZIP_HEAD):
        raise BackupForeign(f"{shown} is not a backup of CastMind: it is no zip file. Nothing was kept; choose another file.")


def _adopt(part: Path, file: IO[bytes], backups: Backups, shown: str) -> Backup:
    file.flush()
    try:
        return backups.adopt(part)
    except CastMindError as error:
        # The error must show the sender's name for the file.
        params = {name: shown if value == part.name else value for name, value in error.params.items()}
        raise type(error)(error.detail.replace(part.name, shown), **params) from error
