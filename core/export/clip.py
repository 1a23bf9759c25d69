"""Cut a passage of an episode's audio into a file to share.

    media ─ffmpeg, confined─▶ the passage as raw sound beside the clip ─pydub─▶ edges faded ─ffmpeg─▶ mp3 or m4a with its title

ffmpeg seeks before it decodes; pydub's own way to cut decodes everything in front of the passage (near the end of a five-hour MP3
that is 12 s of work in place of 0.5 s). The sound stays on disk, and pydub gets the edges alone: ten minutes need no more memory
than one.
"""

from __future__ import annotations

import shutil
import subprocess
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.domain.episodes.export_form import ClipForm
from core.errors import DiskFull, MediaUnreadable, ToolMissing, Transient, UserError
from core.export.layout.cues import one_line
from core.sandbox import run

LONGEST_SECONDS = 600.0
FADE_SECONDS = 0.08
TIMEOUT = 120.0
RATE, CHANNELS = 44_100, 2
FRAME_BYTES = 2 * CHANNELS
BIT_RATE = "128k"
# Of the process that decodes: bytes of memory, seconds of processor time, bytes of sound.
_LIMITS = (1 << 30, int(TIMEOUT), int(LONGEST_SECONDS + 10) * RATE * FRAME_BYTES)
_QUIET = ("-nostdin", "-v", "error", "-y")
_RAW = ("-f", "s16le", "-ar", str(RATE), "-ac", str(CHANNELS))


# ffmpeg's names of the container and the codec.
_WRITERS: Mapping[ClipForm, tuple[str, str]] = {ClipForm.MP3: ("mp3", "libmp3lame"), ClipForm.M4A: ("ipod", "aac")}
MEDIA_TYPES: Mapping[ClipForm, str] = {ClipForm.MP3: "audio/mpeg", ClipForm.M4A: "audio/mp4"}


def check_passage(start: float, end: float, duration: float | None) -> None:
    """Raise UserError for a passage that is empty, too long, or beyond the end (seconds)."""
    if not 0 <= start < end:
        raise UserError("A clip starts before it ends. Nothing was cut.", case="clip_backwards")
    if end - start > LONGEST_SECONDS:
        raise UserError(
            f"A clip is {LONGEST_SECONDS / 60:.0f} minutes long at most. Choose a shorter passage.",
            case="clip_long",
            most=round(LONGEST_SECONDS / 60),
        )
    if duration is not None and start >= duration:
        raise UserError("The passage begins after the end of the audio. Nothing was cut.", case="clip_beyond")


def cut(media: Path, target: Path, *, start: float, end: float, form: ClipForm, tags: Mapping[str, str]) -> None:
    """Write [start, end) seconds of `media` to `target`. `tags` are title, artist, album.

    Raises UserError, ToolMissing (no ffmpeg), MediaUnreadable, Transient (ffmpeg hung); then there is no target.
    """
    check_passage(start, end, None)
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise ToolMissing(
            "Clips are cut by ffmpeg, which is not installed here. Install it (Debian: apt install ffmpeg).", tool="ffmpeg"
        )
    passage = target.with_name(f"{target.stem}-passage{target.suffix}")
    try:
        _passage(ffmpeg, media, passage, start, end - start)
        _fade(passage)
        _encode(ffmpeg, passage, target, form, tags)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        passage.unlink(missing_ok=True)


def _passage(ffmpeg: str, media: Path, passage: Path, start: float, length: float) -> None:
    # The file comes from outside: no playlists, no addresses, its sound alone, and a process that can do nothing else.
    source = ["-protocol_whitelist", "file,pipe", "-ss", f"{start:.3f}", "-i", f"file:{media}", "-t", f"{length:.3f}"]
    command = [ffmpeg, *_QUIET, *source, "-map", "0:a:0", "-map_metadata", "-1", *_RAW, "pipe:1"]
    with passage.open("wb") as output:
        ended = run("core.sandbox.tool", *map(str, _LIMITS), str(media), *command, timeout=TIMEOUT, output=output)
    _judge(ended.code, ended.said, late=ended.late)
    if passage.stat().st_size < FRAME_BYTES:
        raise MediaUnreadable("There is no sound in this passage. Nothing was kept.", case="no_sound")


def _fade(passage: Path) -> None:
    """Fade the raw sound in and out, in place: a cut in the middle of a wave clicks."""
    AudioSegment = _audio_segment()
    frames = passage.stat().st_size // FRAME_BYTES
    edge = min(int(FADE_SECONDS * RATE), frames // 2) * FRAME_BYTES
    with passage.open("r+b") as file:
        for offset, fade in ((0, "fade_in"), (frames * FRAME_BYTES - edge, "fade_out")):
            file.seek(offset)
            sound = AudioSegment(file.read(edge), sample_width=2, frame_rate=RATE, channels=CHANNELS)
            file.seek(offset)
            file.write(getattr(sound, fade)(len(sound)).raw_data[:edge])


def _encode(ffmpeg: str, passage: Path, target: Path, form: ClipForm, tags: Mapping[str, str]) -> None:
    container, codec = _WRITERS[form]
    named = [word for key, value in tags.items() for word in ("-metadata", f"{key}={one_line(value)}")]
    _run(
        [
            ffmpeg,
            *_QUIET,
            *_RAW,
            "-i",
            f"file:{passage}",
            "-c:a",
            codec,
            "-b:a",
            BIT_RATE,
            *named,
            "-f",
            container,
            f"file:{target}",
        ]
    )


def _run(command: list[str]) -> None:
    """Run ffmpeg on our own sound; files from outside are decoded in confinement."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        _judge(-1, "", late=True)
    else:
        _judge(done.returncode, done.stderr.decode("utf-8", "replace"))


def _judge(code: int, said: str, *, late: bool = False) -> None:
    lines = said.strip().splitlines()
    if late:
        raise Transient(f"The clip was not ready within {TIMEOUT:.0f} s. Nothing was kept; try again later.", case="clip_slow")
    if any("No space left" in line for line in lines):
        raise DiskFull("There is no room on the disk for the clip. Nothing was kept; make room and try again.")
    if code != 0:
        raise MediaUnreadable(
            f"The audio cannot be cut there ({lines[-1][:200] if lines else 'ffmpeg gave no reason'}).", case="not_cut"
        )


def _audio_segment() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings of pydub's own code while it is imported
        from pydub import AudioSegment
    return AudioSegment
