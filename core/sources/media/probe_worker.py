"""The child process of `probe`: open one file with PyAV and print its properties as one line of JSON.

    limits ─▶ open (local files and known containers only) ─▶ decode a few frames ─▶ duration ─▶ {media_type, suffix, …}
                                                                                              or {refused: why}

The duration is the container's if packets are found at its stated end; otherwise the packets are counted.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import av
import av.error
import av.logging

from core.sandbox.child import enter
from core.sources.media import file_tags

MEMORY_LIMIT = 3 << 30
CPU_SECONDS = 240
# Containers that hold media themselves. Playlists, which point elsewhere, are left out.
CONTAINERS = "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,eac3,flac,flv,m4a,matroska,mov,mp3,mp4,mpeg,mpegts,ogg,tta,w64,wav,webm,wv"
# Containers without an index: their reported length is a guess from the bit rate.
GUESSED = ("aac", "ac3", "eac3", "amr", "mpegts", "mpeg", "flv", "asf")
TAIL_SECONDS = 2.0
# Bytes. Tags may follow the audio of an MP3.
ROOM_FOR_TAGS = 8192
TRIED_PACKETS = 60
CHAPTERS = 500


# Bytes that are no UTF-8 come as surrogates: file_tags.py reads them.
_BYTES = "surrogateescape"


class ProbeRefused(Exception):
    """The reason why the file is refused, worded to follow the file's name."""


def examine(path: str) -> dict[str, Any]:
    """Return `{media_type, suffix, duration, title, author, album, about, dated_at, chapters}`. Raises ProbeRefused."""
    options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
    try:
        with av.open(path, options=options, metadata_errors=_BYTES) as container:
            stream = _audio_stream(container)
            _check_decodable(container, stream)
        with av.open(path, options=options, metadata_errors=_BYTES) as container:
            stream = _audio_stream(container)
            duration = _duration(container, stream, path)
            media_type, suffix = _kind(container, stream)
            tags = {**stream.metadata, **container.metadata}
            chapters = _chapters(container)
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        raise ProbeRefused(f"is no audio or video that can be read ({_reason(error)})") from error
    return {
        "media_type": media_type,
        "suffix": suffix,
        "duration": round(duration, 3),
        **file_tags.read(tags, now=time.time()),
        "chapters": chapters,
    }


def _audio_stream(container: Any) -> Any:
    if container.streams.audio:
        return container.streams.audio[0]
    what = "video without sound" if container.streams.video else "no sound"
    raise ProbeRefused(f"holds {what}")


def _check_decodable(container: Any, stream: Any) -> None:
    """Raise ProbeRefused unless the first packets decode: random bytes can look like a container, but they do not decode."""
    if stream.codec_context is None or stream.codec_context.name in ("", "none"):
        raise ProbeRefused("is protected, or uses an unknown sound format")
    good = bad = 0
    for packet in islice(container.demux(stream), TRIED_PACKETS):
        try:
            good += sum(1 for frame in stream.codec_context.decode(packet) if frame.samples > 0)
        except av.error.FFmpegError:
            bad += 1
    if good == 0 or bad > good:
        raise ProbeRefused("is damaged or protected: its sound cannot be decoded")


def _duration(container: Any, stream: Any, path: str) -> float:
    claimed = _claimed(container, stream)
    if claimed and _believable(container, stream, path, claimed):
        return claimed
    container.seek(0)
    counted = _count(container, stream)
    if counted <= 0:
        raise ProbeRefused("holds no sound")
    return counted


def _believable(container: Any, stream: Any, path: str, claimed: float) -> bool:
    name = container.format.name.split(",")[0]
    if name == "mp3":
        return _xing_fits(path)
    return name not in GUESSED and _ends_at(container, stream, claimed)


def _xing_fits(path: str) -> bool:
    """Return whether an MP3 starts with a header that counts its frames (Xing or Info), and has the size that it states.

    The header: the tag, 4 bytes of flags, then, if flagged, the number of frames (1) and of bytes (2), big-endian.
    """
    with open(path, "rb") as file:  # noqa: PTH123
        tag = file.read(10)
        start = (
            10 + sum((b & 0x7F) << shift for b, shift in zip(tag[6:], (21, 14, 7, 0), strict=True)) if tag[:3] == b"ID3" else 0
        )
        file.seek(start)
        frame = file.read(256)
        size = file.seek(0, os.SEEK_END)
    found = re.search(rb"(?:Xing|Info)\x00\x00\x00[\x03\x07\x0b\x0f].{4}(.{4})", frame, re.DOTALL)
    return found is not None and abs(size - start - int.from_bytes(found[1])) <= max(ROOM_FOR_TAGS, size // 200)


def _claimed(container: Any, stream: Any) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _ends_at(container: Any, stream: Any, claimed: float) -> bool:
    """Return whether the last packets lie at the end that the header claims."""
    start = float((stream.start_time or 0) * stream.time_base)
    try:
        container.seek(int(max(claimed - TAIL_SECONDS, 0.0) / stream.time_base) + (stream.start_time or 0), stream=stream)
        last = max((_end(p, stream) for p in container.demux(stream) if p.pts is not None), default=None)
    except av.error.FFmpegError:
        return False
    return last is not None and abs(last - start - claimed) <= TAIL_SECONDS


def _end(packet: Any, stream: Any) -> float:
    return float((packet.pts + (packet.duration or 0)) * (packet.time_base or stream.time_base))


def _count(container: Any, stream: Any) -> float:
    """Return the seconds of audio from all packets, not decoded: from the first to the end of the last, or their sum."""
    first, last, total = None, 0.0, 0.0
    try:
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            length = float((packet.duration or 0) * (packet.time_base or stream.time_base))
            total += length
            if packet.pts is not None:
                at = float(packet.pts * (packet.time_base or stream.time_base))
                first = at if first is None else min(first, at)
                last = max(last, at + length)
    except av.error.FFmpegError as error:
        # Use the readable part of a truncated file.
        print(f"reading stopped: {error}", file=sys.stderr)  # noqa: T201
    return max(last - (first or 0.0), 0.0) or total


def _kind(container: Any, stream: Any) -> tuple[str, str]:
    name = container.format.name.split(",")[0]
    codec = stream.codec_context.name
    # A cover picture is a video stream of one frame, which ffmpeg marks as an attached picture.
    video = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if name == "mov":
        quicktime = str(container.metadata.get("major_brand", "")).strip() == "qt"
        if video:
            return ("video/quicktime", ".mov") if quicktime else ("video/mp4", ".mp4")
        return "audio/mp4", ".m4a"
    if name == "matroska":
        web = codec in ("opus", "vorbis") and all(v.codec_context.name in ("vp8", "vp9", "av1", "libdav1d") for v in video)
        if video:
            return ("video/webm", ".webm") if web else ("video/x-matroska", ".mkv")
        return ("audio/webm", ".webm") if web else ("audio/x-matroska", ".mka")
    if name == "ogg":
        return ("video/ogg", ".ogv") if video else ("audio/ogg", ".opus" if codec in ("opus", "libopus") else ".ogg")
    if name == "asf":
        return ("video/x-ms-wmv", ".wmv") if video else ("audio/x-ms-wma", ".wma")
    return _SIMPLE.get(name, (f"{'video' if video else 'audio'}/x-{name}", f".{name}"))


_SIMPLE = {
    "mp3": ("audio/mpeg", ".mp3"),
    "wav": ("audio/wav", ".wav"),
    "w64": ("audio/x-w64", ".w64"),
    "flac": ("audio/flac", ".flac"),
    "aac": ("audio/aac", ".aac"),
    "aiff": ("audio/aiff", ".aiff"),
    "amr": ("audio/amr", ".amr"),
    "au": ("audio/basic", ".au"),
    "avi": ("video/x-msvideo", ".avi"),
    "flv": ("video/x-flv", ".flv"),
    "mpegts": ("video/mp2t", ".ts"),
    "mpeg": ("video/mpeg", ".mpg"),
}


def _chapters(container: Any) -> list[tuple[float, str]]:
    """Return (start in seconds, title) of each chapter with a title, sorted by start."""
    stated = container.chapters()[:CHAPTERS]
    found = [
        (round(float(each["start"] * each["time_base"]), 3), file_tags.line(each["metadata"].get("title", ""))) for each in stated
    ]
    return sorted((start, title) for start, title in found if title and start >= 0)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or type(error).__name__).lower()


def main() -> int:
    enter(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS, reads=[Path(sys.argv[1])])
    av.logging.set_level(av.logging.ERROR)
    try:
        answer = examine(sys.argv[1])
    except ProbeRefused as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "cannot be read: it asks for more memory than any recording needs"}
    os.write(1, (json.dumps(answer) + "\n").encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
