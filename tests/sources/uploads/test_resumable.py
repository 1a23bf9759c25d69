from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.domain.episodes.upload import KEPT_SECONDS, Upload, UploadOutcome
from core.errors import Conflict, DiskFull, NotFound
from core.files import partial_files
from core.sources.uploads import upload_writer
from core.sources.uploads.resumable import Resumable
from tests.memory import peak
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


def test_a_broken_stream_keeps_every_byte_that_came(computer: Computer) -> None:
    upload = computer.begin()
    with pytest.raises(ConnectionError):
        computer.append(upload, WAV[:77_777], end=ConnectionError())
    assert computer.uploads.get(upload.id).offset == 77_777
    assert computer.append(upload, WAV[77_777:]).whole
    assert computer.part(upload).read_bytes() == WAV


def test_a_restarted_server_goes_on_and_hashes_the_whole_file(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    real = partial_files.sha256_of
    monkeypatch.setattr(partial_files, "sha256_of", lambda path: reads.append(path) or real(path))
    for restarts, again in ((False, 0), (True, 1)):
        upload = computer.begin()
        computer.append(upload, WAV[:50_000])
        if restarts:
            computer.restart()
        received = computer.uploads.received(computer.append(upload, WAV[50_000:]))
        assert (received.sha256, received.bytes, received.filename) == (hashlib.sha256(WAV).hexdigest(), len(WAV), "talk.wav")
        assert len(reads) == again


def test_a_killed_server_has_lost_nothing_and_a_power_cut_what_was_not_synced(computer: Computer) -> None:
    upload = computer.begin()
    computer.append(upload, WAV[:40_000])
    with computer.part(upload).open("ab") as file:
        file.write(b"\0" * 10_000)  # written, but nobody came to sync it
    computer.restart()
    assert computer.uploads.get(upload.id).offset == 50_000
    computer.reboot()
    assert computer.uploads.get(upload.id).offset == 40_000
    whole = computer.append(upload, WAV[40_000:])
    assert computer.part(upload).read_bytes() == WAV
    assert computer.uploads.received(whole).sha256 == hashlib.sha256(WAV).hexdigest()


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


def test_room_is_asked_for_all_that_arrives_at_once(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(partial_files, "check_space", lambda folder, least, coming=0: asked.append(coming))
    first = computer.begin(1000)
    computer.begin(500)
    with computer.uploads.turns.free(first.id):
        computer.begin(20)
    assert asked == [1000, 500, 1020]


def test_a_settled_upload_remembers_what_became_of_it(computer: Computer) -> None:
    upload = computer.append(computer.begin(), WAV)
    computer.uploads.settle(upload, UploadOutcome(7, True))
    computer.reboot()
    again = computer.uploads.get(upload.id)
    assert (again.outcome, again.offset, again.whole) == (UploadOutcome(7, True), len(WAV), True)
    assert not computer.part(upload).exists()
    assert computer.uploads.listing() == []
    assert computer.append(upload, b"", at=len(WAV)) == again


def test_what_nobody_touched_for_a_week_goes_but_not_what_is_arriving(computer: Computer) -> None:
    old, arriving, settled = (computer.append(computer.begin(), WAV[:1000]) for _ in range(3))
    computer.uploads.settle(settled, UploadOutcome(1, False))
    computer.clock.now = computer.uploads.get(old.id).touched_at + KEPT_SECONDS
    assert computer.uploads.expire() == 0
    computer.clock.now += 60
    with computer.uploads.turns.free(arriving.id):
        computer.uploads.expire()
    assert {path.name.partition(".")[0] for path in computer.folder.iterdir()} == {arriving.id}


def test_a_file_that_is_begun_anew_takes_the_place_of_its_first_beginning(computer: Computer) -> None:
    def begin(fingerprint: str) -> Upload:
        return computer.uploads.create(1000, {"fingerprint": fingerprint})

    lost, other = begin("talk|1"), begin("talk|2")
    again = begin("talk|1")
    assert {u.id for u in computer.uploads.listing()} == {other.id, again.id}
    with computer.uploads.turns.free(again.id):
        third = begin("talk|1")
    assert {u.id for u in computer.uploads.listing()} == {other.id, again.id, third.id}
    assert lost.id not in {path.name.partition(".")[0] for path in computer.folder.iterdir()}


def test_an_upload_under_a_restore_is_not_there(computer: Computer) -> None:
    upload = computer.begin()
    shutil.rmtree(computer.folder)
    with pytest.raises(NotFound):
        computer.uploads.get(upload.id)
    assert computer.uploads.listing() == []
    assert computer.uploads.expire() == 0
    assert computer.begin().offset == 0


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


def test_memory_does_not_grow_with_the_file(computer: Computer) -> None:
    assert peak(sent, str(computer.folder), 80 * 16) < 8 << 20


def test_the_newest_comer_has_the_turn(computer: Computer) -> None:
    turns = computer.uploads.turns
    order: list[str] = []

    async def main() -> None:
        begun = asyncio.Event()

        async def first() -> None:
            begun.set()
            await asyncio.Event().wait()

        async def second() -> None:
            order.append("second")

        waiting = asyncio.create_task(turns.take("a", first))
        await begun.wait()
        await turns.take("a", second)
        with pytest.raises(Conflict):
            await waiting
        with turns.free("a") as free, turns.free("a") as also:
            assert (free, also, turns.taken("a")) == (True, False, True)
        assert not turns.taken("a")

    asyncio.run(main())
    assert order == ["second"]
