from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from core.domain.episodes.upload import KEPT_SECONDS, Upload, UploadOutcome
from core.errors import NotFound
from core.files import partial_files
from tests.sources.uploads.conftest import WAV, Computer


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
