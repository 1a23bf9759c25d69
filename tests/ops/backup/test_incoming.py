"""A backup sent from another computer: taken in whole, or refused by its sender's name with nothing kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import BackupDamaged, BackupForeign, CastMindError, DiskFull
from core.files import partial_files
from core.ops.backup import incoming
from core.ops.backup.backup_file import Backup
from core.ops.backup.backups import Backups


class Body:
    """The sent bytes in blocks, with the number of those that were taken; `end` is raised in place of a clean end."""

    def __init__(self, content: bytes, block: int = 65_536, end: Exception | None = None) -> None:
        self.content, self.block, self.end, self.taken = content, block, end, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.taken < len(self.content):
            piece = self.content[self.taken : self.taken + self.block]
            self.taken += len(piece)
            yield piece
        if self.end:
            raise self.end


def send(body: Body, backups: Backups, name: str = "mine.zip", spare: int = 0, length: int | None = None) -> Backup:
    return asyncio.run(incoming.receive(aiter(body), backups, name=name, spare=spare, content_length=length))


def refused(kind: type[CastMindError], body: Body, backups: Backups, name: str = "mine.zip") -> CastMindError:
    with pytest.raises(kind) as caught:
        send(body, backups, name)
    assert list(backups.folder.iterdir()) == []
    return caught.value


@pytest.fixture
def content(backups: Backups) -> bytes:
    """The bytes of a backup that lies here no more."""
    made = backups.create(media=True)
    content = made.path.read_bytes()
    backups.delete(made.name)
    return content


@pytest.mark.parametrize("block", [1_000, partial_files.BLOCK, 1 << 30])
def test_the_bytes_arrive_whatever_the_blocks(backups: Backups, content: bytes, block: int) -> None:
    kept = send(Body(content, block), backups)
    assert kept.name.startswith("castmind-imported-") and kept.error is None
    assert kept.path.read_bytes() == content and [b.name for b in backups.listing()] == [kept.name]
    assert [path.name for path in backups.folder.iterdir()] == [kept.name]


def test_the_first_two_bytes_may_come_one_by_one(backups: Backups, content: bytes) -> None:
    body = Body(content)

    async def stream() -> AsyncIterator[bytes]:
        yield content[:1]
        yield content[1:2]
        body.taken = 2
        async for block in body:
            yield block

    kept = asyncio.run(incoming.receive(stream(), backups, name="mine.zip", spare=0))
    assert kept.path.read_bytes() == content


@pytest.mark.parametrize("sent", [b"", b"P", b"ID3 this is a recording" * 100])
def test_what_does_not_begin_as_a_zip_is_refused(backups: Backups, sent: bytes) -> None:
    assert "talk.mp3 is not a backup" in refused(BackupForeign, Body(sent), backups, "talk.mp3").detail


def test_the_rest_of_a_refused_body_is_taken_so_that_its_sender_hears_why(backups: Backups) -> None:
    body = Body(b"no zip" * 100_000)
    refused(BackupForeign, body, backups)
    assert body.taken == len(body.content)


def test_one_that_is_cut_short_is_refused_by_the_name_that_its_sender_knows(backups: Backups, content: bytes) -> None:
    error = refused(BackupDamaged, Body(content[:-200]), backups, "../secret/mine\x07.zip")
    assert "mine .zip" in error.detail and "secret" not in error.detail
    assert not [text for text in (error.detail, *map(str, error.params.values())) if ".part" in text]


def test_without_a_name_it_is_called_the_file(backups: Backups) -> None:
    assert refused(BackupForeign, Body(b"no zip"), backups, "").detail.startswith("The file is")


def test_a_client_that_vanishes_leaves_nothing(backups: Backups, content: bytes) -> None:
    with pytest.raises(ConnectionResetError):
        send(Body(content[:300_000], end=ConnectionResetError("gone")), backups)
    assert list(backups.folder.iterdir()) == []


def test_no_room_is_said_before_a_byte_is_written(backups: Backups, content: bytes) -> None:
    for spare, length in ((1 << 60, None), (0, 1 << 60)):
        with pytest.raises(DiskFull):
            send(Body(content), backups, spare=spare, length=length)
        assert list(backups.folder.iterdir()) == []


def test_a_disk_that_fills_up_while_it_arrives_keeps_nothing(
    backups: Backups, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "SPACE_CHECK_BYTES", 0)
    monkeypatch.setattr(partial_files, "BLOCK", 1_000)
    looks: list[Path] = []

    def room(folder: Path, _spare: int, _needed: int = 0) -> None:
        looks.append(folder)
        if len(looks) == 3:
            raise DiskFull()

    monkeypatch.setattr(partial_files, "check_space", room)
    with pytest.raises(DiskFull):
        send(Body(content, 1_000), backups)
    assert list(backups.folder.iterdir()) == []
