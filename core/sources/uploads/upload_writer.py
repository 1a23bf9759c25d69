"""Write one request of an upload to disk as it arrives: one block in memory at a time, and kept however the request ends.

stream ─▶ 1 MB blocks ─▶ thread: write, hash ─▶ head complete? sniff ─▶ every 64 MB: fsync, `synced`, check space
end, disconnect, error ─▶ the rest of the block ─▶ fsync ─▶ `synced`
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio.to_thread

from core.errors import UserError
from core.files.partial_files import BLOCK, disk_errors
from core.sources.media.sniff import HEAD, check_head
from core.sources.uploads.multipart import shielded

SYNC_BYTES = 64 << 20


class Running:
    """The running hash of a file's first `bytes` bytes, for as long as one server process receives all of it."""

    def __init__(self) -> None:
        self.bytes = 0
        self._hash: Any = hashlib.sha256()

    def add(self, block: memoryview) -> None:
        self._hash.update(block)
        self.bytes += len(block)

    def hexdigest(self) -> str:
        digest: str = self._hash.hexdigest()
        return digest


class Growing:
    """A writer that appends arriving bytes to `part` at `offset`; the complete file has `length` bytes.

    `running`: the hash of the bytes before `offset`, None if unknown. `check_space` raises DiskFull. `synced` is called when all
    bytes written so far are on the disk.
    """

    def __init__(
        self,
        part: Path,
        offset: int,
        length: int,
        running: Running | None,
        *,
        name: str,
        check_space: Callable[[], None],
        synced: Callable[[], None],
    ) -> None:
        self._at = self._synced_at = offset
        self._length = length
        self._running = running
        self._name = name
        self._check_space = check_space
        self._synced = synced
        self._folder = part.parent
        self._buffer = bytearray()
        self._file = part.open("r+b", buffering=0)

    async def take(self, stream: AsyncIterator[bytes]) -> None:
        """Write the stream; call it once. Raises NotAudio, DiskFull, UserError (too many bytes), and the stream's own errors."""
        try:
            await anyio.to_thread.run_sync(self._begin)
            async for chunk in stream:
                self._collect(chunk)
                if len(self._buffer) >= BLOCK:
                    await anyio.to_thread.run_sync(self._write)
        finally:
            await shielded(self._end)

    def _begin(self) -> None:
        # After a power cut, the bytes beyond the offset are undefined.
        self._file.truncate(self._at)
        self._file.seek(self._at)
        self._check_space()

    def _collect(self, chunk: bytes) -> None:
        if self._at + len(self._buffer) + len(chunk) > self._length:
            raise UserError(f"{self._name} is longer than was announced. What came before is kept.")
        self._buffer += chunk

    def _write(self) -> None:
        left, self._buffer = memoryview(self._buffer), bytearray()
        headless = self._at < min(HEAD, self._length)
        with disk_errors(self._folder):
            while left:
                # A nearly full disk may accept only a part of the block.
                taken = left[: self._file.write(left)]
                left = left[len(taken) :]
                self._at += len(taken)
                if self._running:
                    self._running.add(taken)
        if headless and self._at >= min(HEAD, self._length):
            check_head(os.pread(self._file.fileno(), HEAD, 0), name=self._name)
        if self._at - self._synced_at >= SYNC_BYTES:
            self._sync()
            self._check_space()

    def _end(self) -> None:
        with self._file:
            try:
                self._write()
            finally:
                self._sync()

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._synced()
        self._synced_at = self._at
