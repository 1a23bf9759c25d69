"""All files of a form go to disk one after another; a refused one does not stop the others."""

from __future__ import annotations

import asyncio
import errno
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from core.errors import DiskFull, UserError
from core.sources.uploads import form_files
from core.sources.uploads.form_files import FormRest, receive_all
from core.sources.uploads.multipart import Received
from tests.sources.uploads.test_multipart import BOUNDARY, CONTENT_TYPE, WAV, Stream, body

SMALL = WAV[:3000]


def run(stream: Any, folder: Path, *, refuse: str = "", **limits: int) -> tuple[dict[str, bytes], FormRest]:
    """Return the taken files with their bytes, and the rest of the form."""
    took: dict[str, bytes] = {}

    async def take(received: Received) -> None:
        if received.filename == refuse:
            raise DiskFull("Full.")
        took[received.filename] = received.part.read_bytes()
        assert received.bytes == len(took[received.filename])
        received.part.unlink()

    given: dict[str, Any] = {"max_bytes": 10_000_000, "min_free_bytes": 0} | limits
    rest = asyncio.run(receive_all(aiter(stream), CONTENT_TYPE, folder, take, **given))
    assert list(folder.iterdir()) == []
    return took, rest


def refusals(rest: FormRest) -> list[tuple[str, str]]:
    return [(each.filename, each.error.code) for each in rest.refused]


@pytest.mark.parametrize("block", [7, 4096, 65536, 1 << 20])
def test_files_and_fields_arrive_whatever_the_blocks(tmp_path: Path, block: int) -> None:
    files = [("../a.wav", SMALL), ("b.wav", WAV if block > 10 else SMALL), ("没有.wav", SMALL)]
    took, rest = run(Stream(body(*files, title="Talk", url="https://a/"), block), tmp_path)
    assert took == {"a.wav": SMALL, "b.wav": files[1][1], "没有.wav": SMALL}
    assert rest == FormRest((), {"title": "Talk", "url": "https://a/"})


def test_a_refused_file_does_not_stop_the_others(tmp_path: Path) -> None:
    files = [
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(200_000)),
        ("b.wav", SMALL),
        ("c.wav", b""),
        ("d.txt", b"words"),
        ("e.wav", WAV),
    ]
    took, rest = run(Stream(body(*files)), tmp_path)
    assert list(took) == ["b.wav", "e.wav"]
    assert refusals(rest) == [("a.png", "not_audio"), ("c.wav", "empty_upload"), ("d.txt", "not_audio")]


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_not(tmp_path: Path) -> None:
    files = [("a.wav", WAV + b"0"), ("b.wav", WAV)]
    took, rest = run(Stream(body(*files)), tmp_path, max_bytes=len(WAV))
    assert (list(took), refusals(rest)) == (["b.wav"], [("a.wav", "too_large")])


def test_what_the_library_refuses_is_told_and_a_full_disk_takes_nothing(tmp_path: Path) -> None:
    took, rest = run(Stream(body(("a.wav", SMALL), ("b.wav", SMALL))), tmp_path, refuse="a.wav")
    assert (list(took), refusals(rest)) == (["b.wav"], [("a.wav", "disk_full")])
    took, rest = run(Stream(body(("a.wav", SMALL), ("b.wav", SMALL))), tmp_path, min_free_bytes=1 << 60)
    assert (took, refusals(rest)) == ({}, [("a.wav", "disk_full"), ("b.wav", "disk_full")])


def test_a_client_that_leaves_loses_the_file_under_way_alone(tmp_path: Path) -> None:
    whole = body(("a.wav", SMALL), ("b.wav", WAV))
    took: list[str] = []

    async def take(received: Received) -> None:
        took.append(received.filename)
        received.part.unlink()

    stream = Stream(whole[: len(whole) // 2], 1024, ClientDisconnect())
    with pytest.raises(ClientDisconnect):
        asyncio.run(receive_all(aiter(stream), CONTENT_TYPE, tmp_path, take, max_bytes=10_000_000, min_free_bytes=0))
    assert took == ["a.wav"] and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [
        body(title="Talk")[:-10],
        f"--{BOUNDARY}\r\n\0\r\n".encode(),
        body(**{f"f{n}": "" for n in range(form_files.MOST_PARTS + 1)}),
        body(text="x" * (form_files.FIELD_BYTES + 1)),
    ],
)
@pytest.mark.parametrize("block", [1000, 1 << 20])
def test_a_form_that_breaks_off_keeps_the_files_before_and_says_so(tmp_path: Path, data: bytes, block: int) -> None:
    before = body(("a.wav", SMALL)).removesuffix(f"--{BOUNDARY}--\r\n".encode())
    took, rest = run(Stream(before + data, block), tmp_path)
    assert (list(took), refusals(rest)) == (["a.wav"], [("", "invalid")])
    assert rest.refused[0].error.params == {"case": "share_broken"}


def test_what_is_no_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        asyncio.run(receive_all(aiter(Stream(b"x")), "text/plain", tmp_path, None, max_bytes=1, min_free_bytes=0))  # type: ignore[arg-type]
    took, rest = run(Stream(b"no form at all"), tmp_path)
    assert (took, refusals(rest)) == ({}, [("", "invalid")])


def test_a_disk_without_room_for_a_name_refuses_each_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    took, rest = run(Stream(body(("a.wav", SMALL), ("b.wav", SMALL))), tmp_path)
    assert (took, refusals(rest)) == ({}, [("a.wav", "disk_full"), ("b.wav", "disk_full")])


def test_a_form_that_breaks_off_within_a_file_refuses_that_one(tmp_path: Path) -> None:
    took, rest = run(Stream(body(("a.wav", SMALL), ("b.wav", SMALL))[:-100]), tmp_path)
    assert (list(took), refusals(rest)) == (["a.wav"], [("b.wav", "invalid")])


def test_a_large_file_is_never_in_memory(tmp_path: Path) -> None:
    blocks, size = 64, 1 << 20

    async def large() -> AsyncIterator[bytes]:
        yield body(("a.wav", WAV)).removesuffix(f"\r\n--{BOUNDARY}--\r\n".encode())
        for _ in range(blocks):
            yield bytes(size)
        yield f"\r\n--{BOUNDARY}--\r\n".encode()

    seen: list[int] = []

    async def take(received: Received) -> None:
        seen.append(received.bytes)
        received.part.unlink()

    tracemalloc.start()
    try:
        asyncio.run(receive_all(large(), CONTENT_TYPE, tmp_path, take, max_bytes=1 << 30, min_free_bytes=0))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen == [len(WAV) + blocks * size]
    assert peak < 10 * size
