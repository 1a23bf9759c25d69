from __future__ import annotations

import json
import math
import struct
import subprocess
import wave
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.domain.episodes.export_form import ClipForm
from core.errors import MediaUnreadable, ToolMissing, UserError
from core.export.clip import LONGEST_SECONDS, check_passage, cut

TAGS = {"title": "谈话 (00:01–00:03)", "artist": "A feed"}


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Five seconds, each a tone of its own: 400 Hz, 600, 800, 1000, 1200."""
    path = tmp_path / "talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        frames = (int(12000 * math.sin(2 * math.pi * (400 + 200 * (n // 16000)) * n / 16000)) for n in range(5 * 16000))
        file.writeframes(b"".join(struct.pack("<h", f) for f in frames))
    return path


def probed(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def samples(path: Path) -> tuple[int, ...]:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-ar", "16000", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return struct.unpack(f"<{len(raw) // 2}h", raw)


def crossings(sound: tuple[int, ...]) -> int:
    return sum(1 for a, b in pairwise(sound) if a < 0 <= b)


@pytest.mark.parametrize(("form", "container", "codec"), [(ClipForm.MP3, "mp3", "mp3"), (ClipForm.M4A, "m4a", "aac")])
def test_a_clip_is_that_passage_with_its_name(media: Path, tmp_path: Path, form: ClipForm, container: str, codec: str) -> None:
    target = tmp_path / "clip.part"
    cut(media, target, start=1.0, end=3.0, form=form, tags=TAGS)
    found = probed(target)
    assert container in found["format"]["format_name"]
    assert found["streams"][0]["codec_name"] == codec
    assert float(found["format"]["duration"]) == pytest.approx(2.0, abs=0.1)
    assert {k.lower(): v for k, v in found["format"]["tags"].items()}.items() >= TAGS.items()
    sound = samples(target)
    middle = sound[len(sound) // 4 - 1600 : len(sound) // 4 + 1600]
    assert crossings(middle) == pytest.approx(600 * 0.2, abs=6)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.part", "talk.wav"]


def test_its_edges_are_faded(media: Path, tmp_path: Path) -> None:
    target = tmp_path / "clip.part"
    cut(media, target, start=1.3, end=2.3, form=ClipForm.M4A, tags={})
    sound = samples(target)
    loud = max(map(abs, sound))
    assert max(map(abs, sound[:80])) < loud / 3
    assert max(map(abs, sound[-80:])) < loud / 3


@pytest.mark.parametrize(
    ("start", "end"), [(3.0, 3.0), (3.0, 2.0), (-1.0, 2.0), (0.0, LONGEST_SECONDS + 1), (99.0, 100.0), (math.nan, 1.0)]
)
def test_a_passage_that_is_none_is_refused(start: float, end: float) -> None:
    with pytest.raises(UserError):
        check_passage(start, end, 50.0)


def test_where_there_is_no_sound_nothing_is_left(media: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable):
        cut(media, tmp_path / "clip.part", start=50.0, end=51.0, form=ClipForm.MP3, tags={})
    (tmp_path / "text.mp3").write_text("no audio")
    with pytest.raises(MediaUnreadable):
        cut(tmp_path / "text.mp3", tmp_path / "clip.part", start=0.0, end=1.0, form=ClipForm.MP3, tags={})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["talk.wav", "text.mp3"]


def test_without_ffmpeg_it_says_what_to_install(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="ffmpeg"):
        cut(media, tmp_path / "clip.part", start=0.0, end=1.0, form=ClipForm.MP3, tags={})
