"""Open pages are counted: real sockets beside each other, in all and by address, and room again once one is closed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.api.server import sockets
from core.api.server.connections import limit
from core.api.server.sockets import Sockets
from tests.running import RunningApp, wait_for

SHAKE = (
    b"GET /stream HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def talk(session: WebSocket) -> None:
    await session.accept()
    with contextlib.suppress(WebSocketDisconnect):
        while (await session.receive_text()) != "fall":
            pass
        raise RuntimeError("a session that broke down")


@pytest.fixture
def place() -> Iterator[tuple[str, int]]:
    """Where a server with room for six pages, four of an address, listens."""
    routes = [WebSocketRoute("/stream", talk), Route("/", lambda _: PlainTextResponse("here"))]
    app = Starlette(routes=routes, middleware=[Middleware(Sockets, most=6, most_of_address=4)])
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
    limit(config)
    server = uvicorn.Server(config)
    with socket.create_server(("0.0.0.0", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield ("127.0.0.1", listener.getsockname()[1])
        server.should_exit = True
        thread.join()


def page(place: tuple[str, int], of: str = "127.0.0.1", said: bytes = SHAKE) -> socket.socket:
    line = socket.create_connection(place, timeout=60, source_address=(of, 0))
    line.sendall(said)
    return line


def status(line: socket.socket) -> int:
    return int(line.recv(12).split()[1])


def refused(line: socket.socket) -> tuple[str, dict[str, Any]]:
    """The head and the body of an answer that says no."""
    found = b""
    while block := line.recv(65536):
        found += block
    head, _, body = found.partition(b"\r\n\r\n")
    return head.decode().lower(), json.loads(body)


def test_more_pages_than_there_is_room_for_are_told_so(place: tuple[str, int]) -> None:
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(page(place)) for _ in range(4)]
        assert [status(line) for line in lines] == [101] * 4
        head, body = refused(stack.enter_context(page(place)))
        assert head.startswith("http/1.1 503") and f"retry-after: {sockets.RETRY_SECONDS}" in head
        assert (body["status"], body["code"]) == (503, "too_many_pages") and "4 pages are open from this address" in body[
            "detail"
        ]
        others = [stack.enter_context(page(place, of)) for of in ("127.0.0.2", "127.0.0.3")]
        assert [status(line) for line in others] == [101] * 2
        _, body = refused(stack.enter_context(page(place, "127.0.0.4")))
        assert "6 pages are open" in body["detail"]
        # Whoever asks without a WebSocket is none of them.
        assert httpx.get(f"http://127.0.0.1:{place[1]}/").text == "here"


FRAME_FALL = b"\x81\x84\x00\x00\x00\x00fall"
FRAME_CLOSE = b"\x88\x80\x00\x00\x00\x00"


@pytest.mark.parametrize("end", [b"", FRAME_CLOSE, FRAME_FALL, b"\xff\xff no frame"])
def test_a_page_that_is_closed_or_breaks_makes_room(place: tuple[str, int], end: bytes) -> None:
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(page(place)) for _ in range(4)]
        assert [status(line) for line in lines] == [101] * 4

        def admitted() -> bool:
            line = page(place)
            taken = status(line) == 101
            (stack.enter_context if taken else contextlib.closing)(line)
            if not taken:
                line.close()
            return taken

        assert not admitted()
        if end:
            lines[0].sendall(end)
        lines[0].close()
        wait_for(admitted)
        assert not admitted()


def test_a_handshake_that_is_none_is_not_counted(place: tuple[str, int]) -> None:
    odd = (
        SHAKE.replace(b"Version: 13", b"Version: 7"),
        SHAKE.replace(b"Sec-WebSocket-Key", b"Sec-Other"),
        SHAKE.replace(b"/stream", b"/no"),
    )
    for said in odd * 3:
        with page(place, said=said) as line:
            assert status(line) >= 400
    with contextlib.ExitStack() as stack:
        assert [status(stack.enter_context(page(place))) for _ in range(4)] == [101] * 4


def test_the_program_itself_keeps_its_pages_within_bounds(tmp_path: Path) -> None:
    with RunningApp(tmp_path) as app, contextlib.ExitStack() as stack:
        place = ("127.0.0.1", app.port)
        said = SHAKE.replace(b"/stream", b"/_stcore/stream").replace(b"Host: here", f"Host: localhost:{app.port}".encode())
        lines = [stack.enter_context(page(place, said=said)) for _ in range(sockets.MOST_OF_ADDRESS)]
        assert {status(line) for line in lines} == {101}
        assert "too_many_pages" in refused(stack.enter_context(page(place, said=said)))[1]["code"]
        assert status(stack.enter_context(page(place, "127.0.0.2", said=said))) == 101
        assert app.client.get("/health/live").status_code == 200


def test_the_number_of_open_pages_is_told_whenever_it_changes() -> None:
    counts: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert counts[-1] == 1

    asyncio.run(Sockets(app, told=counts.append)({"type": "websocket", "client": ("127.0.0.1", 1)}, None, None))  # type: ignore[arg-type]
    assert counts == [1, 0]
