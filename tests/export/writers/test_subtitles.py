"""VTT and SRT as FFmpeg's own decoders read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.export.writers.srt import srt
from core.export.writers.txt import txt
from core.export.writers.vtt import vtt
from tests.export.conftest import read_back, transcript


@pytest.mark.parametrize("line", ["", "\n\n", "WEBVTT", "NOTE x", "1\n00:00:00,000 --> 00:00:09,000\ninjected", "STYLE"])
def test_no_text_of_a_segment_makes_another_cue(line: str, tmp_path: Path) -> None:
    said = transcript("before", line, "after")
    expected = 3 if line.strip() else 2
    assert len(read_back(vtt(said), tmp_path / "t.vtt")) == expected
    assert len(read_back(srt(said), tmp_path / "t.srt")) == expected


def test_silence_gives_valid_empty_files() -> None:
    assert (vtt(transcript()), srt(transcript()), txt(transcript())) == ("WEBVTT\n", "", "")
