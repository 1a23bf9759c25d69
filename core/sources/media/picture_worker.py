"""The child process of `picture`: make a small square of a picture, or of the picture embedded in an audio file.

limits ─▶ open (Pillow, or PyAV's attached picture) ─▶ pixels bounded ─▶ 320 × 320 WebP ─▶ stdout
                                                                     or exit status 3: no readable picture
"""

from __future__ import annotations

import io
import sys
import warnings
from pathlib import Path

import av
import av.error
from PIL import Image, ImageOps

from core.sandbox.child import enter

MEMORY_LIMIT = 2 << 30
CPU_SECONDS = 20
PIXELS = 40_000_000
SIDE = 320
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
NONE = 3


def small(raw: bytes) -> bytes:
    """Return the picture as a small WebP. Raises OSError, ValueError, and Pillow's DecompressionBomb errors and warnings."""
    Image.MAX_IMAGE_PIXELS = PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(raw), formats=FORMATS) as picture:
        picture.draft("RGB", (SIDE * 2, SIDE * 2))
        made = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), (SIDE, SIDE))
    out = io.BytesIO()
    made.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def embedded(path: str) -> bytes | None:
    """Return the bytes of the file's attached picture; None if it has none."""
    with av.open(path, options={"protocol_whitelist": "file"}, metadata_errors="replace") as container:
        for stream in container.streams.video:
            if stream.disposition & av.stream.Disposition.attached_pic:
                return next((bytes(packet) for packet in container.demux(stream) if packet.size), None)
    return None


def main() -> int:
    enter(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS, reads=map(Path, sys.argv[1:]))
    try:
        raw = embedded(sys.argv[1]) if len(sys.argv) > 1 else sys.stdin.buffer.read()
        if raw is None:
            return NONE
        made = small(raw)
    except (OSError, ValueError, SyntaxError, av.error.FFmpegError, Image.DecompressionBombError, Warning) as error:
        sys.stderr.write(str(error))
        return NONE
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
