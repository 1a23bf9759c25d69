"""VTT and SRT as FFmpeg's own decoders read them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.domain.transcripts.transcript import Transcript
from core.export.writers.srt import srt
from core.export.writers.txt import txt
from core.export.writers.vtt import vtt
from tests.export.conftest import transcript


def read_back(text: str, path: Path) -> list[tuple[str, str]]:
    """(times, text) of each cue, after FFmpeg has parsed the file and written it as SubRip."""
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "srt", "-"], capture_output=True, check=True, text=True)
    assert done.stderr == ""
    cues = [block.split("\n") for block in done.stdout.strip().split("\n\n")]
    return [(lines[1], " ".join(lines[2:])) for lines in cues]


def test_vtt_is_read_as_it_was_meant(spoken: Transcript, tmp_path: Path) -> None:
    first, second = read_back(vtt(spoken), tmp_path / "t.vtt")
    assert first == ("00:00:00,000 --> 00:00:02,000", "Tom & Jerry <b>say</b> a --> b")
    assert second[0] == "00:00:02,500 --> 00:00:03,500"
    assert second[1].replace(" ", "") == "今天我们谈经济和音乐，会议在五点开始，价格上涨了百分之二十。"


def test_vtt_holds_no_tag_and_no_arrow_from_the_text(spoken: Transcript) -> None:
    text = vtt(spoken)
    assert "Tom &amp; Jerry &lt;b&gt;say&lt;/b&gt; a --&gt; b" in text
    assert "<v A x B>今天" in text
    assert text.count("-->") == 2


def test_srt_is_read_as_it_was_meant(spoken: Transcript, tmp_path: Path) -> None:
    first, second, *_ = read_back(srt(spoken), tmp_path / "t.srt")
    assert first == ("00:00:00,000 --> 00:00:02,000", "Tom & Jerry ‹b›say‹/b› a → b")
    assert second[1].startswith("A ‹x› B: 今天")
    assert srt(spoken).startswith("1\n00:00:00,000 --> 00:00:02,000\n")


@pytest.mark.parametrize("line", ["", "\n\n", "WEBVTT", "NOTE x", "1\n00:00:00,000 --> 00:00:09,000\ninjected", "STYLE"])
def test_no_text_of_a_segment_makes_another_cue(line: str, tmp_path: Path) -> None:
    said = transcript("before", line, "after")
    expected = 3 if line.strip() else 2
    assert len(read_back(vtt(said), tmp_path / "t.vtt")) == expected
    assert len(read_back(srt(said), tmp_path / "t.srt")) == expected


def test_silence_gives_valid_empty_files() -> None:
    assert (vtt(transcript()), srt(transcript()), txt(transcript())) == ("WEBVTT\n", "", "")


def test_plain_text_is_a_line_a_segment(spoken: Transcript) -> None:
    assert txt(spoken).splitlines()[0] == "Tom & Jerry <b>say</b> a --> b"
    assert txt(spoken).splitlines()[1].startswith("A <x> B: 今天")
    assert len(txt(spoken).splitlines()) == 2
