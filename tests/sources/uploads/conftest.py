"""A computer whose disk and power can fail, and whose clock is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.domain.episodes.upload import Upload
from core.sources.uploads.resumable import Resumable
from tests.sources.samples import SAMPLES

WAV = (SAMPLES / "en_short.wav").read_bytes()


class Clock:
    now = 1e9

    def __call__(self) -> float:
        return self.now


class Computer:
    """The life of a server's `Resumable`; `reboot` is a power cut."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.boots = folder, Clock(), 1
        self.restart()

    def restart(self) -> None:
        self.uploads = Resumable(self.folder, lambda: (10**9, 0), clock=self.clock, boot=lambda boots=self.boots: f"boot {boots}")

    def reboot(self) -> None:
        self.boots += 1
        self.restart()

    def begin(self, length: int = len(WAV)) -> Upload:
        return self.uploads.create(length, {"filename": "talk.wav"})

    def append(self, upload: Upload, data: bytes, at: int | None = None, end: Exception | None = None) -> Upload:
        async def stream() -> AsyncIterator[bytes]:
            for begin in range(0, len(data), 65536):
                yield data[begin : begin + 65536]
            if end:
                raise end

        at = self.uploads.get(upload.id).offset if at is None else at
        return asyncio.run(self.uploads.append(upload.id, at, stream()))

    def part(self, upload: Upload) -> Path:
        return self.folder / f"{upload.id}.part"


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path / "incoming")
