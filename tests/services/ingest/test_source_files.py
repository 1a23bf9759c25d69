"""The original name of a file that the library has taken in."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from core.services.ingest.source_files import state_of, take_away


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "talk.wav"
    made.write_bytes(b"RIFF")
    return made


def test_the_name_goes_and_a_link_elsewhere_keeps_the_bytes(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.wav"
    kept.hardlink_to(path)
    take_away(path, state_of(path))
    assert not path.exists() and kept.read_bytes() == b"RIFF"


def test_another_file_by_that_name_stays(path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = state_of(path)
    other = tmp_path / "other.wav"
    other.write_bytes(b"RIFF, and more")
    other.rename(path)
    with caplog.at_level(logging.WARNING):
        take_away(path, before)
    assert path.read_bytes() == b"RIFF, and more" and "another file" in caplog.text


def test_one_that_was_written_since_stays(path: Path) -> None:
    before = state_of(path)
    with path.open("ab") as file:
        file.write(b", more")
    take_away(path, before)
    assert path.exists()


def test_one_that_somebody_deleted_is_no_matter(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = state_of(path)
    path.unlink()
    take_away(path, before)
    assert caplog.records == []
