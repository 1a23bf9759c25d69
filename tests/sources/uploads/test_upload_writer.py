"""The bytes of an upload on their way to the disk."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import DiskFull
from core.files import partial_files
from core.sources.uploads import upload_writer
from core.sources.uploads.resumable import Resumable
from tests.memory import peak
from tests.sources.uploads.conftest import WAV, Computer


def test_what_is_long_is_synced_on_its_way(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_writer, "SYNC_BYTES", 1 << 20)
    upload = computer.begin(4 << 20)
    seen: list[int] = []

    async def stream() -> AsyncIterator[bytes]:
        for number in range(64):
            yield WAV[:44] + os.urandom(65492) if number == 0 else os.urandom(65536)
            seen.append(Resumable(computer.folder, lambda: (0, 0), boot=lambda: "the next one").get(upload.id).offset)

    asyncio.run(computer.uploads.append(upload.id, 0, stream()))
    assert sorted(set(seen)) == [n << 20 for n in range(5)]


def test_a_disk_that_takes_half_a_block_counts_that_half(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Any = upload_writer.Growing._write
    upload = computer.begin()

    def fills_up(self: Any) -> None:
        if len(self._buffer) > 30_000:
            self._buffer = self._buffer[:30_000]
            real(self)
            with partial_files.disk_errors(computer.folder):
                raise OSError(28, "No space left on device")
        real(self)

    with monkeypatch.context() as patched:
        patched.setattr(upload_writer.Growing, "_write", fills_up)
        with pytest.raises(DiskFull):
            computer.append(upload, WAV)
    assert computer.uploads.get(upload.id).offset == 30_000
    whole = computer.append(upload, WAV[30_000:])
    assert computer.uploads.received(whole).sha256 == hashlib.sha256(WAV).hexdigest()


def sent(folder: str, pieces: int) -> None:
    """Takes a file in, in pieces of 64 kB."""
    computer = Computer(Path(folder))
    upload = computer.begin(pieces * 65536)

    async def stream() -> AsyncIterator[bytes]:
        yield WAV[:65536]
        for _ in range(pieces - 1):
            yield bytes(65536)

    asyncio.run(computer.uploads.append(upload.id, 0, stream()))
    assert computer.part(upload).stat().st_size == pieces * 65536


@pytest.mark.long
def test_memory_does_not_grow_with_the_file(computer: Computer) -> None:
    assert peak(sent, str(computer.folder), 80 * 16) < 8 << 20
