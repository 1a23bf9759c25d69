"""Clients that keep a server waiting, over real sockets against a real uvicorn; limits are small here, and waited for."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from core.api.server import connections
from core.api.server.connections import Limits, Register, limit
from tests.api.server.test_host_guard import handshake
from tests.running import RunningApp, wait_for

LONG = Limits(head_seconds=600, body_seconds=600, look_seconds=0.02)
HEAD = b"GET / HTTP/1.1\r\nHost: here\r\n"


class Served:
    """A server of one app that takes, sends and streams; `heard` are bodies that were cut, as the app saw it."""

    def __init__(self, limits: Limits, folder: Path) -> None:
        self.heard: list[int] = []
        self.ahead = 0.0
        self.go_on = threading.Event()
        self.big = folder / "big"
        self.big.write_bytes(bytes(range(256)) * 40_000)
        routes = [
            Route("/", lambda _: PlainTextResponse("here")),
            Route("/take", self._take, methods=["POST"]),
            Route("/wait", self._wait, methods=["POST"]),
            Route("/late", self._late),
            Route("/events", self._events),
            Route("/big", lambda _: FileResponse(self.big)),
            WebSocketRoute("/stream", self._talk),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_level="error", timeout_graceful_shutdown=1, lifespan="off")
        self.register = limit(config, limits, clock=lambda: time.monotonic() + self.ahead)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.place = self._listener.getsockname()
        self.url = f"http://127.0.0.1:{self.place[1]}"
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})
        self._thread.start()

    async def _take(self, request: Request) -> Response:
        size = 0
        try:
            async for block in request.stream():
                size += len(block)
        except ClientDisconnect:
            self.heard.append(size)
            raise
        return PlainTextResponse(str(size))

    async def _wait(self, request: Request) -> Response:
        await asyncio.to_thread(self.go_on.wait)
        return await self._take(request)

    async def _talk(self, talk: WebSocket) -> None:
        await talk.accept()
        await asyncio.to_thread(self.go_on.wait)
        await talk.send_text("hello")
        await talk.close()

    async def _late(self, request: Request) -> Response:
        await asyncio.to_thread(self.go_on.wait)
        return PlainTextResponse("late")

    async def _events(self, request: Request) -> Response:
        async def events() -> Any:
            yield "data: first\n\n"
            await asyncio.to_thread(self.go_on.wait)
            yield "data: last\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    def line(self, said: bytes = b"") -> socket.socket:
        made = socket.create_connection(self.place, timeout=60)
        made.sendall(said)
        return made

    def stop(self) -> None:
        self.go_on.set()
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    with contextlib.ExitStack() as stack:

        def made(limits: Limits) -> Served:
            served = Served(limits, tmp_path)
            stack.callback(served.stop)
            return served

        yield made


def rest(line: socket.socket) -> bytes:
    """All that comes until the server closes; a reset is an end too."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while block := line.recv(65536):
            found += block
    return found


def until(line: socket.socket, what: bytes) -> None:
    found = b""
    while what not in found:
        found += (block := line.recv(4096))
        assert block, found


def trickle(line: socket.socket, bytes_of: Iterator[bytes]) -> None:
    """A byte whenever the server has had time to look; ends when the server closes."""
    line.settimeout(0.03)
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        for each in bytes_of:
            line.sendall(each)
            with contextlib.suppress(TimeoutError):
                line.recv(1, socket.MSG_PEEK)
                break
    line.settimeout(60)


NEVER_WHOLE = {
    "a line that stops": [b"GET / HTT"],
    "a header that stops": [HEAD + b"X-Long: a"],
    "headers without an end": [HEAD, *(b"X-%d: a\r\n" % number for number in range(9999))],
    "a byte now and then": [HEAD + b"X: ", *([b"a"] * 9999)],
    "empty lines before the request": [b"\r\n"] * 9999,
    "a WebSocket's handshake": [HEAD + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "],
}


@pytest.mark.parametrize("kind", NEVER_WHOLE)
def test_a_head_that_does_not_come_is_told_so_and_cut(serve: Any, kind: str) -> None:
    served = serve(Limits(head_seconds=0.3, look_seconds=0.02))
    with served.line() as line:
        trickle(line, iter(NEVER_WHOLE[kind]))
        answer = rest(line)
    # Headers can also become too many for the parser first.
    assert answer.startswith((b"HTTP/1.1 408 ", b"HTTP/1.1 400 "))
    if answer.startswith(b"HTTP/1.1 408 "):
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"application/problem+json" in head and b"connection: close" in head
        assert json.loads(body)["code"] == "too_slow"
    assert httpx.get(served.url).text == "here"


def test_one_that_asks_nothing_is_cut_without_a_word(serve: Any) -> None:
    served = serve(Limits(head_seconds=0.1, look_seconds=0.02))
    with served.line() as line:
        assert rest(line) == b""


def test_a_second_request_has_to_arrive_in_time_too(serve: Any) -> None:
    served = serve(Limits(head_seconds=0.3, look_seconds=0.02))
    with served.line(HEAD + b"\r\n") as line:
        assert line.recv(15).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET / ")
        answer = rest(line)
    assert b"HTTP/1.1 408 " in answer


POSTS = {
    "nothing": (b"Content-Length: 9\r\n\r\n", b""),
    "a part": (b"Content-Length: 90000\r\n\r\n", b"a" * 500),
    "a chunk that stops": (b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nab"),
    "after 100-continue": (b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n", b""),
}


@pytest.mark.parametrize("kind", POSTS)
def test_a_body_that_stops_is_cut_and_the_app_hears_it(serve: Any, kind: str) -> None:
    served = serve(Limits(head_seconds=600, body_seconds=0.3, look_seconds=0.02))
    head, body = POSTS[kind]
    with served.line(b"POST /take HTTP/1.1\r\nHost: here\r\n" + head + body) as line:
        assert b"HTTP/1.1 4" not in rest(line)
    wait_for(lambda: served.heard)
    assert httpx.get(served.url).text == "here"


def test_a_body_that_only_trickles_is_cut(serve: Any) -> None:
    served = serve(Limits(body_seconds=0.3, look_seconds=0.02))
    with served.line(b"POST /take HTTP/1.1\r\nHost: here\r\nContent-Length: 99999\r\n\r\n") as line:
        trickle(line, itertools.repeat(b"a"))
        rest(line)
    wait_for(lambda: served.heard)


def looked(served: Served, times: int = 20) -> None:
    """Until the server has looked for late connections that often."""
    seen: list[int] = []
    real = served.register.late

    def late() -> list[Any]:
        seen.append(1)
        return real()

    served.register.late = late  # type: ignore[method-assign]
    wait_for(lambda: len(seen) >= times)
    served.register.late = real  # type: ignore[method-assign]


SHORT = Limits(head_seconds=0.05, body_seconds=0.05, look_seconds=0.02)


def test_a_body_that_goes_on_has_all_the_time_that_it_takes(serve: Any) -> None:
    """Hours by the server's clock, in pieces that are enough each."""
    served = serve(Limits(body_seconds=600, body_bytes=100, look_seconds=0.02))
    with served.line(b"POST /take HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 800\r\n\r\n") as line:
        wait_for(lambda: served.register.bodies, pause=0.01)
        for _ in range(7):
            before = next(iter(served.register.bodies.values()))
            line.sendall(b"a" * 100)
            wait_for(lambda before=before: next(iter(served.register.bodies.values())) is not before, pause=0.01)
            served.ahead += 500
            looked(served, 2)
        line.sendall(b"a" * 100)
        assert rest(line).endswith(b"800")


def test_a_body_that_is_not_read_here_is_not_late(serve: Any) -> None:
    served = serve(SHORT)
    with served.line(b"POST /wait HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 2000000\r\n\r\n") as line:
        sending = threading.Thread(target=line.sendall, args=(b"a" * 2_000_000,))
        sending.start()
        wait_for(lambda: any(each.flow.read_paused for each in served.register.bodies))
        served.ahead += 1e6
        looked(served)
        served.go_on.set()
        sending.join()
        assert rest(line).endswith(b"2000000")


def test_what_is_being_answered_is_never_late(serve: Any) -> None:
    served = serve(SHORT)
    with (
        served.line(b"GET /late HTTP/1.1\r\nHost: a\r\n\r\n") as late,
        served.line(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n") as events,
    ):
        wait_for(lambda: len(served.register.open) == 2 and not served.register.heads)
        looked(served)
        served.go_on.set()
        assert late.recv(12) == b"HTTP/1.1 200"
        until(events, b"data: last")


def test_a_paused_download_goes_on_and_a_range_is_sent(serve: Any) -> None:
    served = serve(SHORT)
    with served.line(b"GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") as line:
        wait_for(lambda: served.register.unread)
        looked(served)
        assert rest(line).partition(b"\r\n\r\n")[2] == served.big.read_bytes()
    answer = httpx.get(f"{served.url}/big", headers={"Range": "bytes=1000-1999"})
    assert (answer.status_code, answer.content) == (206, served.big.read_bytes()[1000:2000])


def test_a_websocket_is_not_waited_for(serve: Any) -> None:
    served = serve(SHORT)
    with served.line(
        b"GET /stream HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ) as line:
        assert line.recv(12) == b"HTTP/1.1 101"
        with served.line(b"GET /late HTTP/1.1\r\nHost: here\r\n\r\n"):
            looked(served)
        served.go_on.set()
        until(line, b"hello")


def test_of_too_many_half_open_ones_the_oldest_goes(serve: Any) -> None:
    served = serve(Limits(head_seconds=600, heads=5, look_seconds=0.02))
    with contextlib.ExitStack() as stack:
        lines = []
        for number in range(8):
            lines.append(stack.enter_context(served.line(b"GET")))
            wait_for(lambda number=number: len(served.register.heads) == min(number + 1, 5))
        for line in lines[:3]:
            rest(line)
        for line in lines[3:]:
            line.sendall(b" / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert line.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize("kind", ["idle", "unread", "body"])
def test_of_too_many_connections_the_one_that_keeps_us_waiting_goes(serve: Any, kind: str) -> None:
    served = serve(Limits(head_seconds=600, body_seconds=600, connections=4, look_seconds=0.02))
    said = {
        "idle": HEAD + b"\r\n",
        "unread": b"GET /big HTTP/1.1\r\nHost: here\r\n\r\n",
        "body": b"POST /take HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n",
    }[kind]
    places = {"idle": served.register.idle, "unread": served.register.unread, "body": served.register.bodies}
    with served.line(b"GET /late HTTP/1.1\r\nHost: here\r\n\r\n") as working, contextlib.ExitStack() as stack:
        wait_for(lambda: not served.register.heads and served.register.open)
        for number in range(3):
            stack.enter_context(served.line(said))
            wait_for(lambda number=number: len(places[kind]) == number + 1)
        for _ in range(10):
            assert httpx.get(served.url).text == "here"
        served.go_on.set()
        assert working.recv(12) == b"HTTP/1.1 200"


def test_where_nobody_keeps_us_waiting_the_newest_goes() -> None:
    register = Register(Limits(connections=2), clock=itertools.count().__next__)
    register._look_later = lambda: None  # type: ignore[method-assign]
    made = [connection() for _ in range(3)]
    for each in made:
        register.opened(each)
        if each is not made[2]:
            each.cycle = SimpleNamespace(response_complete=False, more_body=False, response_started=True)
            register.heard(each, 10)
    assert [each.transport.closed for each in made] == [False, False, True]


class Seen(SimpleNamespace):
    __hash__ = object.__hash__  # type: ignore[assignment]


def connection() -> Seen:
    """The part of a uvicorn protocol that the register uses; every other test uses a real one."""
    transport = SimpleNamespace(closed=False, is_closing=lambda: False, get_write_buffer_size=lambda: 0, write=lambda data: None)
    transport.close = lambda: setattr(transport, "closed", True)
    return Seen(cycle=None, transport=transport, flow=SimpleNamespace(read_paused=False))


def test_there_is_room_for_no_more_than_half_of_the_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    for soft, most in ((1024, 512), (256, 128), (20_000, 512), (resource.RLIM_INFINITY, 512), (10, 16)):
        monkeypatch.setattr(resource, "getrlimit", lambda _what, soft=soft: (soft, soft))
        assert connections.room() == most


def test_a_thousand_slow_clients_keep_nobody_from_the_app(tmp_path: Path) -> None:
    """The program itself, with its own limits: pages, API, WebSocket, an upload and audio, while they stand."""
    with RunningApp(tmp_path) as app, contextlib.ExitStack() as stack:
        place = urlsplit(app.url)
        for _ in range(1000):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", app.port), timeout=60))
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                line.sendall(HEAD + b"X-Slow: ")
        with httpx.Client(base_url=app.url, timeout=60) as visitor:
            for path in ("/", "/health/live", "/api/v1/episodes", "/_stcore/health"):
                assert visitor.get(path).status_code == 200
            sample = Path("demo/samples/en_short.wav").read_bytes()
            made = visitor.post("/api/v1/episodes", files={"file": ("a.wav", sample)})
            assert made.status_code == 201
            audio = visitor.get(f"/api/v1/episodes/{made.json()['id']}/audio", headers={"Range": "bytes=0-99"})
            assert (audio.status_code, audio.content) == (206, sample[:100])
        assert handshake(f"{app.url}/_stcore/stream", place.netloc, app.url).startswith("101")


@pytest.mark.parametrize("kind", ["asked once", "asked again", "half a head"])
def test_an_answer_in_two_pieces_waits_for_no_acknowledgement(serve: Any, kind: str) -> None:
    """Whatever the socket that it listens at was made as: Streamlit's names no protocol, and asyncio leaves that as it is."""
    served = serve(LONG)
    with served.line(HEAD if kind == "half a head" else HEAD + b"\r\n") as line:
        if kind != "half a head":
            line.recv(1 << 16)
        if kind == "asked again":
            line.sendall(HEAD + b"\r\n")
        wait_for(lambda: served.register.open)
        (connection,) = served.register.open
        assert connection.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
