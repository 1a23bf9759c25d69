"""A small square of any picture, or a refusal; the rules alone, without the process around them."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from av.error import FFmpegError
from PIL import Image

from core.sources.media import picture_worker
from core.sources.media.picture_worker import SIDE, embedded, small
from tests.running import PROJECT

SAMPLES = PROJECT / "demo" / "samples"


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    """Keep the limits that the worker sets in its own process out of the other tests'."""
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        yield
    Image.MAX_IMAGE_PIXELS = before


def written(size: tuple[int, int], form: str = "PNG", mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    color: object = {"L": 90, "P": 1, "1": 1, "LA": (90, 128)}.get(
        mode, (192, 64, 32, 128)[: 4 if mode in ("RGBA", "CMYK") else 3]
    )
    Image.new(mode, size, color).save(out, form, **more)  # type: ignore[arg-type]
    return out.getvalue()


def shown(raw: bytes) -> Image.Image:
    made = Image.open(io.BytesIO(small(raw)))
    assert (made.format, made.size) == ("WEBP", (SIDE, SIDE))
    return made.convert("RGB")


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("PNG", "1"),
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
    ],
)
def test_each_usual_form_becomes_a_small_square(form: str, mode: str) -> None:
    shown(written((40, 60), form, mode))


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (900, 500), (SIDE, SIDE)])
def test_whatever_its_shape_its_middle_is_kept(size: tuple[int, int]) -> None:
    red, green, blue = shown(written(size)).getpixel((SIDE // 2, SIDE // 2))  # type: ignore[misc]
    assert red > green > blue


def test_a_picture_that_lies_on_its_side_is_turned() -> None:
    turned = Image.new("RGB", (200, 200), "#204080")
    turned.paste((240, 240, 240), (0, 0, 200, 60))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    out = io.BytesIO()
    turned.save(out, "JPEG", exif=exif)
    made = shown(out.getvalue())
    assert made.getpixel((SIDE // 2, SIDE - 10))[0] > 200 > made.getpixel((SIDE // 2, 10))[0]  # type: ignore[index]


def header(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says how large it is."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (picture_worker.PIXELS + 1, 1), (picture_worker.PIXELS // 2, 3)])
def test_more_pixels_than_any_cover_has_are_refused_before_they_are_made(width: int, height: int) -> None:
    with pytest.raises((Image.DecompressionBombError, Image.DecompressionBombWarning)):
        small(header(width, height))


@pytest.mark.parametrize(
    "raw", [b"", b"<svg onload='alert(1)'/>", b"GIF89a", b"BM" + bytes(60), b"%PDF-1.4", b"\xff\xd8\xff" + bytes(99)]
)
def test_what_is_no_picture_of_these_forms_is_refused(raw: bytes) -> None:
    with pytest.raises((OSError, ValueError, SyntaxError)):
        small(raw)


def test_a_picture_that_is_cut_short_is_refused() -> None:
    with pytest.raises((OSError, ValueError, SyntaxError)):
        small(written((90, 90))[:-60])


def test_sound_without_a_picture_and_what_is_no_sound_have_none(tmp_path: Path) -> None:
    assert embedded(str(SAMPLES / "en_short.wav")) is None
    junk = tmp_path / "junk.mp3"
    junk.write_bytes(b"no sound")
    with pytest.raises(FFmpegError):
        embedded(str(junk))
