"""SubRip as FFmpeg's own decoder reads it."""

from __future__ import annotations

from pathlib import Path

from core.domain.transcripts.transcript import Transcript
from core.export.writers.srt import srt
from tests.export.conftest import read_back


def test_srt_is_read_as_it_was_meant(spoken: Transcript, tmp_path: Path) -> None:
    first, second, *_ = read_back(srt(spoken), tmp_path / "t.srt")
    assert first == ("00:00:00,000 --> 00:00:02,000", "Tom & Jerry ‹b›say‹/b› a → b")
    assert second[1].startswith("A ‹x› B: 今天")
    assert srt(spoken).startswith("1\n00:00:00,000 --> 00:00:02,000\n")
