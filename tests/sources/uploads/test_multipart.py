import asyncio
import hashlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import ClientDisconnect

from core.errors import CastMindError, DiskFull, EmptyUpload, NotAudio, TooLarge, UserError
from core.files import partial_files
from core.sources.uploads import multipart
from core.sources.uploads.multipart import Received, receive
from tests.sources.samples import SAMPLES

WAV = (SAMPLES / "en_short.wav").read_bytes()
BOUNDARY = "xXxBOUNDARYxXx"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def body(*files: tuple[str, bytes], **fields: str) -> bytes:
    out = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()
    )
    for name, data in files:
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: audio/wav\r\n\r\n'
        )
        out += head.encode() + data + b"\r\n"
    return out + f"--{BOUNDARY}--\r\n".encode()


class Stream:
    """A request body in blocks; remembers how much of it was taken. `end` is raised instead of a clean end."""

    def __init__(self, data: bytes, block: int = 65536, end: Exception | None = None) -> None:
        self.data, self.block, self.end, self.taken = data, block, end, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.taken < len(self.data):
            piece = self.data[self.taken : self.taken + self.block]
            self.taken += len(piece)
            yield piece
        if self.end:
            raise self.end


def run(stream: Stream, folder: Path, content_type: str = CONTENT_TYPE, **limits: int) -> Received:
    given: dict[str, Any] = {"max_bytes": 10_000_000, "min_free_bytes": 0} | limits
    return asyncio.run(receive(aiter(stream), content_type, folder, **given))


def refused(kind: type[Exception], data: bytes, folder: Path, content_type: str = CONTENT_TYPE, **limits: int) -> str:
    with pytest.raises(kind) as caught:
        run(Stream(data), folder, content_type, **limits)
    assert not folder.exists() or list(folder.iterdir()) == []
    return str(caught.value.detail if isinstance(caught.value, CastMindError) else caught.value)


@pytest.mark.parametrize("block", [1, 7, 4096, 65536, 1 << 20])
def test_the_bytes_arrive_whatever_the_blocks(block: int, tmp_path: Path) -> None:
    data = WAV[:20_000] if block < 10 else WAV
    got = run(Stream(body(("a.wav", data), title="Ein Titel", language="de"), block), tmp_path)
    assert got.part.read_bytes() == data
    assert (got.bytes, got.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (got.filename, got.fields) == ("a.wav", {"title": "Ein Titel", "language": "de"})


def test_fields_may_come_after_the_file_and_names_are_made_safe(tmp_path: Path) -> None:
    after = body(("../../录音\\第一期.wav", WAV)).removesuffix(f"--{BOUNDARY}--\r\n".encode()) + body(title="t")
    got = run(Stream(after), tmp_path / "new folder")
    assert (got.filename, got.fields) == ("第一期.wav", {"title": "t"})


def test_binary_that_looks_like_a_boundary_survives(tmp_path: Path) -> None:
    data = WAV[:5000] + f"\r\n--{BOUNDARY[:-1]}".encode() + b"\r\n--\r\n\r" + WAV[:5000]
    assert run(Stream(body(("a.wav", data)), 13), tmp_path).part.read_bytes() == data


def test_what_is_no_audio_is_refused_as_soon_as_its_head_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not audio" in refused(NotAudio, body(("a.mp3", b"just text\n" * 10_000)), tmp_path)
    monkeypatch.setattr(multipart, "DRAIN_BYTES", 1_000_000)
    stream = Stream(body(("a.mp3", b"just text\n" * 1_000_000)))
    with pytest.raises(NotAudio):
        run(stream, tmp_path, max_bytes=1 << 40)
    assert stream.taken < 2_000_000


def test_empty_missing_two_and_malformed(tmp_path: Path) -> None:
    refused(EmptyUpload, body(("a.mp3", b"")), tmp_path)
    assert "no file" in refused(UserError, body(title="t"), tmp_path)
    assert "more than one" in refused(UserError, body(("a.wav", WAV), ("b.wav", WAV)), tmp_path)
    assert "well-formed" in refused(UserError, b"not multipart at all", tmp_path)
    assert "incomplete" in refused(UserError, body(("a.wav", WAV))[:-30], tmp_path)
    assert "incomplete" in refused(UserError, b"", tmp_path)
    for content_type in ("", "application/json", "multipart/form-data", "multipart/form-data; boundary=", "audio/mpeg"):
        assert "multipart" in refused(UserError, body(("a.wav", WAV)), tmp_path, content_type)


def test_fields_are_bounded(tmp_path: Path) -> None:
    assert "too long" in refused(UserError, body(("a.wav", WAV), title="x" * 100_000), tmp_path)
    assert "too many" in refused(UserError, body(("a.wav", WAV), **{f"f{i}": "" for i in range(50)}), tmp_path)


def test_too_large_is_refused_when_it_is_and_when_it_says_so(tmp_path: Path) -> None:
    refused(TooLarge, body(("a.wav", WAV)), tmp_path, max_bytes=100_000)
    stream = Stream(body(("a.wav", WAV)))
    with pytest.raises(TooLarge):
        run(stream, tmp_path, max_bytes=1000, content_length=10**9)


def test_a_disk_that_is_or_becomes_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(DiskFull, body(("a.wav", WAV)), tmp_path, min_free_bytes=1 << 60)
    monkeypatch.setattr(multipart, "SPACE_CHECK_BYTES", 1)
    calls: list[int] = []

    def filling(folder: Path, least: int, coming: int = 0) -> None:
        calls.append(1)
        if len(calls) > 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(multipart, "check_space", filling)
    monkeypatch.setattr(multipart, "BLOCK", 10_000)
    refused(DiskFull, body(("a.wav", WAV)), tmp_path)


def test_a_client_that_vanishes_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ClientDisconnect):
        run(Stream(body(("a.wav", WAV))[:100_000], end=ClientDisconnect()), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_request_leaves_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        async def endless() -> AsyncIterator[bytes]:
            yield body(("a.wav", WAV))[:100_000]
            await asyncio.Event().wait()

        task = asyncio.create_task(receive(endless(), CONTENT_TYPE, tmp_path, max_bytes=10**9, min_free_bytes=0))
        while not list(tmp_path.iterdir()):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert list(tmp_path.iterdir()) == []


# --- through a real server ------------------------------------------------------------------------

SERVER = """
import json, os, sys
from pathlib import Path
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from core.errors import CastMindError
from core.sources.uploads.multipart import receive

folder = Path(sys.argv[1])

def memory():
    with open("/proc/self/status") as f:
        return {k: int(v.split()[0]) for k, _, v in (line.partition(":") for line in f) if k in ("VmRSS", "VmHWM")}

async def post(request):
    try:
        got = await receive(request.stream(), request.headers["content-type"], folder, max_bytes=1 << 40, min_free_bytes=0)
    except CastMindError as error:
        return JSONResponse(error.to_dict(), error.status)
    return JSONResponse({"bytes": got.bytes, "sha256": got.sha256, "part": got.part.name} | memory())

async def get(request):
    return JSONResponse(memory())

app = Starlette(routes=[Route("/", post, methods=["POST"]), Route("/", get)])
uvicorn.run(app, fd=int(sys.argv[2]), log_level="warning")
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.set_inheritable(True)
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path), str(listener.fileno())], cwd=root, pass_fds=[listener.fileno()]
    )
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    listener.close()
    httpx.get(url, timeout=30)
    yield url
    process.terminate()
    process.wait(10)


def _large(total: int) -> Iterator[bytes]:
    yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'.encode()
    block = (WAV * 7)[: 1 << 20]
    for start in range(0, total, len(block)):
        yield block[: total - start]
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.mark.long
def test_300_megabytes_through_a_server_hardly_touch_its_memory(server: str, tmp_path: Path) -> None:
    size = 300_000_000
    before = httpx.get(server).json()["VmRSS"]
    started = time.monotonic()
    answer = httpx.post(server, content=_large(size), headers={"Content-Type": CONTENT_TYPE}, timeout=120).json()
    took = time.monotonic() - started
    assert answer["bytes"] == size == (tmp_path / answer["part"]).stat().st_size
    assert answer["sha256"] == partial_files.sha256_of(tmp_path / answer["part"])
    (tmp_path / answer["part"]).unlink()
    grown = answer["VmHWM"] - before
    print(f"300 MB upload: {took:.1f} s, memory +{grown / 1024:.1f} MB (peak)")
    assert grown < 64 * 1024


def test_a_refusal_reaches_a_client_that_is_still_sending(server: str, tmp_path: Path) -> None:
    answer = httpx.post(
        server, content=body(("a.mp3", b"only text\n" * 1_000_000)), headers={"Content-Type": CONTENT_TYPE}, timeout=60
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "not_audio")
    assert list(tmp_path.iterdir()) == []


def test_a_dropped_connection_leaves_nothing(server: str, tmp_path: Path) -> None:
    url = httpx.URL(server)
    with socket.create_connection((url.host, url.port or 80)) as client:
        data = body(("a.wav", WAV * 20))
        head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(data)}\r\n\r\n"
        client.sendall(head.encode() + data[: len(data) // 2])
        while not list(tmp_path.iterdir()):
            threading.Event().wait(0.02)
    deadline = time.monotonic() + 20
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert list(tmp_path.iterdir()) == []
