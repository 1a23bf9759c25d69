"""A backup that is read through in the background: watched, ended, and told what is broken."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.errors import NotFound, VerifyRunning
from core.ops.backup import archive
from core.ops.backup.backups import Backups
from core.ops.backup.verification import Verification, VerifyState
from tests.running import wait_for


@pytest.fixture
def verifying(backups: Backups) -> Verification:
    return Verification(backups)


def ended(verifying: Verification) -> VerifyState:
    wait_for(lambda: (state := verifying.state()) is not None and not state.running)
    state = verifying.state()
    assert state
    return state


def test_a_whole_one_is_read_to_its_last_byte(backups: Backups, verifying: Verification) -> None:
    made = backups.create(media=True)
    verifying.start(made.name)
    state = ended(verifying)
    assert (state.name, state.error) == (made.name, None)
    assert state.done == state.total == backups.verify(made.name).bytes > 0


def test_a_broken_one_is_told_of(backups: Backups, verifying: Verification) -> None:
    made = backups.create(media=True)
    body = bytearray(made.path.read_bytes())
    middle = len(body) // 2
    body[middle : middle + 100] = bytes(byte ^ 0xFF for byte in body[middle : middle + 100])
    made.path.write_bytes(body)
    verifying.start(made.name)
    error = ended(verifying).error
    assert error and error.code == "backup_damaged"


def test_one_that_is_not_there_is_refused(verifying: Verification) -> None:
    with pytest.raises(NotFound):
        verifying.start("castmind-manual-20260101-000000.zip")
    assert verifying.state() is None


def test_one_at_a_time_and_it_can_be_ended(backups: Backups, verifying: Verification, monkeypatch: pytest.MonkeyPatch) -> None:
    name = backups.create(media=True).name
    reached, go_on = threading.Event(), threading.Event()
    proven = archive.Archive._proven

    def held(self: archive.Archive, entry: object, cancelled: archive.Asked) -> Iterator[bytes]:
        reached.set()
        assert go_on.wait(60)
        return proven(self, entry, cancelled)  # type: ignore[arg-type]

    monkeypatch.setattr(archive.Archive, "_proven", held)
    verifying.start(name)
    assert reached.wait(60)
    with pytest.raises(VerifyRunning):
        verifying.start(name)
    verifying.cancel()
    go_on.set()
    error = ended(verifying).error
    assert error and error.code == "cancelled"
    assert backups.path(name).is_file()
    verifying.start(name)
    assert ended(verifying).error is None
