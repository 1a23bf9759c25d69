"""The probe worker's report on a file."""

import struct
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.sources.media.probe_worker import ProbeRefused, _xing_fits, examine
from tests.sources.samples import SAMPLES, encode, not_audio


@pytest.mark.parametrize("name", not_audio())
def test_what_is_not_audio_is_refused_by_the_decoder_too(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(not_audio()[name])
    with pytest.raises(ProbeRefused):
        examine(str(path))


@pytest.mark.parametrize(
    ("container", "codec", "rate", "video", "media_type", "suffix"),
    [
        ("mp3", "mp3", 16000, False, "audio/mpeg", ".mp3"),
        ("mp3", "mp3", 8000, False, "audio/mpeg", ".mp3"),
        ("ipod", "aac", 16000, False, "audio/mp4", ".m4a"),
        ("adts", "aac", 16000, False, "audio/aac", ".aac"),
        ("ogg", "libopus", 48000, False, "audio/ogg", ".opus"),
        ("webm", "libopus", 48000, False, "audio/webm", ".webm"),
        ("flac", "flac", 16000, False, "audio/flac", ".flac"),
        ("wav", "pcm_s16le", 8000, False, "audio/wav", ".wav"),
        ("aiff", "pcm_s16be", 16000, False, "audio/aiff", ".aiff"),
        ("mp4", "aac", 16000, True, "video/mp4", ".mp4"),
        ("mov", "aac", 16000, True, "video/quicktime", ".mov"),
        ("matroska", "aac", 16000, True, "video/x-matroska", ".mkv"),
        ("mpegts", "aac", 16000, True, "video/mp2t", ".ts"),
        ("avi", "mp3", 16000, True, "video/x-msvideo", ".avi"),
    ],
)
def test_kinds_of_media(container: str, codec: str, rate: int, video: bool, media_type: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(encode(container, codec, rate=rate, video=video))
    found = examine(str(path))
    assert (found["media_type"], found["suffix"]) == (media_type, suffix)
    assert found["duration"] == pytest.approx(2.0, abs=0.25)


def test_title_and_author_come_from_the_tags(tmp_path: Path) -> None:
    path = tmp_path / "tagged.mp3"
    path.write_bytes(encode("mp3", "mp3"))
    found = examine(str(path))
    assert (found["title"], found["author"]) == ("A tone", "A synthesiser")


def test_video_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    path.write_bytes(encode("mp4", "aac", video=True, sound=False))
    with pytest.raises(ProbeRefused, match="video without sound"):
        examine(str(path))


def test_an_mp3_whose_header_fits_its_size_is_believed_and_others_are_counted(tmp_path: Path) -> None:
    whole = (SAMPLES / "zh_episode.mp3").read_bytes()
    assert _xing_fits(str(SAMPLES / "zh_episode.mp3"))
    (tmp_path / "joined.mp3").write_bytes(whole * 2)
    assert not _xing_fits(str(tmp_path / "joined.mp3"))
    assert examine(str(tmp_path / "joined.mp3"))["duration"] == pytest.approx(2 * 58.4, abs=0.5)


def _mp3_without_header(data: bytes) -> bytes:
    """Without the first frame, which says how long the file is."""
    start = data.index(b"\xff", 10 if data[:3] == b"ID3" else 0)
    return data[data.index(data[start : start + 2], start + 10) :]


def test_an_mp3_that_says_nothing_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(_mp3_without_header((SAMPLES / "zh_episode.mp3").read_bytes()))
    assert examine(str(path))["duration"] == pytest.approx(58.4, abs=0.5)


def test_a_truncated_file_is_as_long_as_what_is_left(tmp_path: Path) -> None:
    for name, whole in (("en_episode.mp3", 179.4), ("en_short.wav", 5.27), ("mixed_noise.ogg", 58.9)):
        data = (SAMPLES / name).read_bytes()
        (tmp_path / name).write_bytes(data[: len(data) // 2])
        assert examine(str(tmp_path / name))["duration"] == pytest.approx(whole / 2, rel=0.2), name


def test_a_wav_header_that_lies_is_not_believed(tmp_path: Path) -> None:
    data = bytearray((SAMPLES / "en_short.wav").read_bytes())
    place = data.index(b"data") + 4
    for lie in (0xFFFFFFFF, 0x7FFFFFF0, 0):
        data[place : place + 4] = struct.pack("<I", lie)
        (tmp_path / "a.wav").write_bytes(data)
        assert examine(str(tmp_path / "a.wav"))["duration"] == pytest.approx(5.27, abs=0.1), hex(lie)


def test_a_recording_without_a_duration_is_counted(tmp_path: Path) -> None:
    """As a browser's recorder writes it: live WebM has no length in its header."""
    path = tmp_path / "live.webm"
    command = ["-f", "webm", "-live", "1", "-c:a", "libopus", str(path)]
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(SAMPLES / "en_short.wav"), *command], check=True)
    assert examine(str(path))["duration"] == pytest.approx(5.27, abs=0.1)


FACTS = """;FFMETADATA1
title=The harbour at night 夜航
artist=Anna Harbour
album=Harbour talks
date=2021-05-04
comment=About lamps
[CHAPTER]
TIMEBASE=1/1000
START=0
END=2000
title=Welcome
[CHAPTER]
TIMEBASE=1/1000
START=2000
END=5000
title=Lanterns 灯
"""


@pytest.mark.parametrize(
    ("name", "options", "chapters"),
    [
        ("a.mp3", ["-c:a", "libmp3lame"], True),
        ("a.mp3", ["-c:a", "libmp3lame", "-id3v2_version", "3"], True),
        ("a.m4a", ["-c:a", "aac"], True),
        ("a.opus", ["-c:a", "libopus"], True),
        ("a.ogg", ["-c:a", "libvorbis"], False),
        ("a.mka", ["-c:a", "libopus"], True),
        ("a.flac", ["-c:a", "flac"], False),
        ("a.wav", ["-c:a", "pcm_s16le"], False),
    ],
)
def test_what_a_file_says_of_itself_is_read_from_every_container(
    tmp_path: Path, name: str, options: list[str], chapters: bool
) -> None:
    (tmp_path / "facts").write_text(FACTS, encoding="utf-8")
    given = ["-i", str(SAMPLES / "en_short.wav"), "-i", str(tmp_path / "facts"), "-map_metadata", "1", "-map_chapters", "1"]
    subprocess.run(["ffmpeg", "-v", "error", *given, *options, str(tmp_path / name)], check=True)
    found = examine(str(tmp_path / name))
    assert (found["title"], found["author"], found["album"]) == ("The harbour at night 夜航", "Anna Harbour", "Harbour talks")
    assert found["about"] == "About lamps"
    assert found["dated_at"] == datetime(2021, 5, 4, 12, tzinfo=UTC).timestamp()
    if chapters:
        assert found["chapters"] == [(0.0, "Welcome"), (2.0, "Lanterns 灯")]


def frame(name: bytes, text: bytes) -> bytes:
    """A frame of ID3v2.3 whose text is declared as Latin letters."""
    body = b"\x00" + text
    return name + struct.pack(">IH", len(body), 0) + body


@pytest.mark.parametrize("version", [1, 2])
def test_chinese_tags_of_an_old_program_are_read(tmp_path: Path, version: int) -> None:
    title, artist = "第三讲：机器学习".encode("gbk"), "林老师".encode("gbk")
    plain = tmp_path / "plain.mp3"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(SAMPLES / "en_short.wav"), "-id3v2_version", "0", "-write_id3v1", "0", str(plain)],
        check=True,
    )
    if version == 1:
        tagged = plain.read_bytes() + b"TAG" + title.ljust(30, b"\0") + artist.ljust(30, b"\0") + bytes(30 + 4 + 30 + 1)
    else:
        frames = frame(b"TIT2", title) + frame(b"TPE1", artist)
        size = bytes(len(frames) >> shift & 0x7F for shift in (21, 14, 7, 0))
        tagged = b"ID3\x03\x00\x00" + size + frames + plain.read_bytes()
    (tmp_path / "old.mp3").write_bytes(tagged)
    found = examine(str(tmp_path / "old.mp3"))
    assert (found["title"], found["author"]) == ("第三讲：机器学习", "林老师")
