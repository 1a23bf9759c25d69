"""The picture that an audio file carries."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

from PIL import Image

from core.sources.media import picture
from tests.running import PROJECT
from tests.sources.media.test_picture_worker import header

SOUND = PROJECT / "demo" / "samples" / "en_meeting.m4a"


def test_the_picture_of_an_audio_file_is_found(tmp_path: Path) -> None:
    cover, out = tmp_path / "cover.png", tmp_path / "with.m4a"
    Image.new("RGB", (600, 600), "#204080").save(cover)
    options = ["-map", "0:a", "-map", "1:v", "-c", "copy", "-disposition:v:0", "attached_pic"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", SOUND, "-i", cover, *options, out], check=True)
    made = picture.of_file(out)
    assert made
    with Image.open(io.BytesIO(made)) as shown:
        assert shown.size == (320, 320) and shown.convert("RGB").getpixel((5, 5))[2] > 100  # type: ignore[index]


def test_audio_without_a_picture_has_none() -> None:
    assert picture.of_file(SOUND) is None


def test_a_bomb_is_no_picture() -> None:
    assert picture._made([], header(60_000, 60_000)) is None
