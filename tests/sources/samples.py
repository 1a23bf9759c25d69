"""Media files of every kind, made on the spot by PyAV, and the files that people or attackers submit instead."""

from __future__ import annotations

import io
import random
from pathlib import Path

import av
import numpy as np

SAMPLES = Path(__file__).resolve().parents[2] / "demo" / "samples"


def encode(
    container: str, codec: str, *, seconds: float = 2.0, rate: int = 16000, video: bool = False, sound: bool = True
) -> bytes:
    """A tone (and grey pictures) in the given container."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        out.metadata.update({"title": "A tone", "artist": "A synthesiser"})
        audio = out.add_stream(codec, rate=rate) if sound else None
        pictures = out.add_stream("mpeg4", rate=10) if video else None
        if pictures is not None:
            pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
            for _ in range(int(seconds * 10)):
                frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), "rgb24")
                out.mux(pictures.encode(frame))
            out.mux(pictures.encode(None))
        if audio is not None:
            wave = (np.sin(np.arange(int(seconds * rate)) * 0.1) * 8000).astype(np.int16)
            frame2 = av.AudioFrame.from_ndarray(wave[None, :], format="s16", layout="mono")
            frame2.sample_rate = rate
            resampler = av.AudioResampler(
                format=audio.format, layout=audio.layout, rate=rate, frame_size=audio.frame_size or None
            )
            for piece in [*resampler.resample(frame2), *resampler.resample(None)]:
                out.mux(audio.encode(piece))
            out.mux(audio.encode(None))
    return buffer.getvalue()


def not_audio() -> dict[str, bytes]:
    """Files that are no audio, by name."""
    return {
        "text.mp3": b"Dear diary, today nothing was recorded.\n" * 100,
        "chinese.mp3": "今天什么都没有录下来。\n".encode() * 100,
        "latin1.mp3": "Grüße aus Köln, schöne Bücher.\n".encode("latin-1") * 100,
        "utf16.mp3": ("Notepad saves this as Unicode.\r\n" * 50).encode("utf-16"),
        "page.mp3": b"<!DOCTYPE html><html><body>Sign in</body></html>" * 10,
        "feed.mp3": b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>',
        "list.m3u8": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
        "list.mp3": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        "list.pls": b"[playlist]\nFile1=http://127.0.0.1:11434/\n",
        "cover.mp3": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200),
        "photo.mp3": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200),
        "phone.heic": b"\x00\x00\x00\x18ftypheic" + bytes(200),
        "paper.mp3": b"%PDF-1.7\n" + bytes(200),
        "letter.docx": b"PK\x03\x04\x14\x00" + bytes(200),
        "program.exe": b"MZ\x90\x00" + bytes(200),
        "tune.mid": b"MThd\x00\x00\x00\x06" + bytes(20),
        "zeros.mp3": bytes(100_000),
        "junk.mp3": random.Random(7).randbytes(100_000),
        "locked.mp3": b"Salted__" + random.Random(8).randbytes(100_000),
        "only_a_tag.mp3": b"ID3\x03\x00\x00\x00\x00\x00\x0a" + bytes(10),
        "fake_mp4.mp4": b"\x00\x00\x00\x18ftypisom" + random.Random(9).randbytes(5000),
    }
