"""Limit how long a connection may keep this server waiting, and how many connections there are.

    opened ─▶ head ─ whole within 15 s ─▶ body ─ 1 kB a minute ─▶ answer ─▶ idle (uvicorn: 5 s) ─▶ head …
                │ late: 408                │ late: cut             │ nobody reads it
                └──────────────────────────┴───────────┬───────────┘
    one connection too many ─▶ close the one that has kept the server waiting longest

Without limits, a client that sends a byte now and then holds a connection for ever, and a thousand such clients use up the file
descriptors. A response in progress is never late: downloads, event streams and paused players may take any time. A WebSocket,
after its handshake, is checked by the pings of its own protocol; `sockets` counts those.

A stalled body is cut without a response, like a broken line: resumable uploads then continue by themselves, but treat a 4xx as
final. The limits wrap uvicorn's protocol, whichever it is (h11, httptools), because Streamlit starts uvicorn without any.
https://httpwg.org/specs/rfc9110.html#status.408
"""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import uvicorn

from core.api import problems

MOST_OPEN = 512
# The share of this process's descriptors; the rest is for the database, files being sent, and outgoing connections.
SHARE_OF_DESCRIPTORS = 0.5
# The backlog of the listening socket, and the most connections accepted at once.
BACKLOG = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds. Within `body_seconds`, the next `body_bytes` of a body have to arrive, or its end."""

    head_seconds: float = 15.0
    body_seconds: float = 60.0
    body_bytes: int = 1024
    heads: int = 200
    connections: int = MOST_OPEN
    look_seconds: float = 1.0


@dataclass(slots=True)
class Wait:
    """Since when the server has been waiting for a connection, and the bytes received since then."""

    since: float
    bytes: int = 0


class Register:
    """The connections of one server, grouped by the event that the server waits for. Belongs to the server's event loop.

    `heads` is ordered by time.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self.open: set[Any] = set()
        self.heads: dict[Any, Wait] = {}
        self.bodies: dict[Any, Wait] = {}
        self.idle: dict[Any, Wait] = {}
        self.unread: dict[Any, Wait] = {}
        self._looking: asyncio.TimerHandle | None = None

    # --- events of the protocol -------------------------------------------------------------------

    def opened(self, connection: Any) -> None:
        """Add a connection; close another one if there is no room."""
        self.open.add(connection)
        self.heads[connection] = Wait(self._clock())
        if len(self.heads) > self.limits.heads:
            self._close(next(iter(self.heads)))
        if len(self.open) > self.limits.connections:
            self._close(self._longest(but=connection))
        self._look_later()

    def heard(self, connection: Any, size: int) -> None:
        """Note that `size` bytes arrived, after the protocol has parsed them."""
        if connection not in self.open:
            return
        self.idle.pop(connection, None)
        if _expects_head(connection):
            self.bodies.pop(connection, None)
            self.heads.setdefault(connection, Wait(self._clock())).bytes += size
            return
        self.heads.pop(connection, None)
        wait = self.bodies.pop(connection, None) or Wait(self._clock())
        wait.bytes += size
        if connection.cycle.more_body:
            self.bodies[connection] = Wait(self._clock()) if wait.bytes >= self.limits.body_bytes else wait

    def answered(self, connection: Any) -> None:
        self.bodies.pop(connection, None)
        if connection in self.open and _expects_head(connection):
            self.idle[connection] = Wait(self._clock())

    def stalled(self, connection: Any) -> None:
        """Note that the client does not read the response."""
        if connection in self.open:
            self.unread[connection] = Wait(self._clock())

    def flows(self, connection: Any) -> None:
        self.unread.pop(connection, None)

    def gone(self, connection: Any) -> None:
        self.open.discard(connection)
        for waits in (self.heads, self.bodies, self.idle, self.unread):
            waits.pop(connection, None)

    # --- limits -------------------------------------------------------------------------------------

    def late(self) -> list[Any]:
        """Return the connections that exceeded a limit."""
        now = self._clock()
        for connection, wait in self.bodies.items():
            # The server itself paused reading.
            if connection.flow.read_paused:
                wait.since = now
        times = ((self.heads, self.limits.head_seconds), (self.bodies, self.limits.body_seconds))
        return [each for waits, most in times for each, wait in waits.items() if now - wait.since >= most]

    def _longest(self, but: Any) -> Any:
        """Return the connection that has kept the server waiting longest; if none does, the newest one."""
        waiting = [
            (wait.since, at, each)
            for at, waits in enumerate((self.heads, self.bodies, self.idle, self.unread))
            for each, wait in waits.items()
            if each is not but
        ]
        return min(waiting, key=lambda one: one[:2])[2] if waiting else but

    def _look_later(self) -> None:
        if self._looking is None and self.open:
            self._looking = asyncio.get_running_loop().call_later(self.limits.look_seconds, self._look)

    def _look(self) -> None:
        self._looking = None
        for connection in self.late():
            self._close(connection)
        self._look_later()

    def _close(self, connection: Any) -> None:
        head = self.heads.get(connection)
        self.gone(connection)
        transport, cycle = connection.transport, connection.cycle
        if not _expects_head(connection):
            # Tells the app that the client disconnected, so that it keeps the received part.
            cycle.disconnected = True
            cycle.message_event.set()
        # Browsers open connections in advance: without a request, none is answered.
        if head and head.bytes and not transport.is_closing():
            transport.write(TOO_SLOW)
        # Unsent data would keep the connection open.
        transport.abort() if transport.is_closing() or transport.get_write_buffer_size() else transport.close()


def _expects_head(connection: Any) -> bool:
    return connection.cycle is None or connection.cycle.response_complete


def _too_slow() -> bytes:
    answer = problems.problem(408, "too_slow", "The request did not arrive in time. Nothing of it was done; send it again.")
    head = b"".join(b"%s: %s\r\n" % pair for pair in answer.raw_headers)
    return b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n" + head + b"\r\n" + bytes(answer.body)


TOO_SLOW = _too_slow()


def guarded(base: type[asyncio.Protocol], register: Register) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol `base` with its connections in the register."""
    protocol: Any = base

    class Guarded(protocol):  # type: ignore[misc]
        def connection_made(self, transport: asyncio.Transport) -> None:
            _send_at_once(transport)
            super().connection_made(transport)
            register.opened(self)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            register.heard(self, len(data))

        def handle_websocket_upgrade(self, *arguments: Any) -> None:
            register.gone(self)
            super().handle_websocket_upgrade(*arguments)

        def on_response_complete(self) -> None:
            super().on_response_complete()
            register.answered(self)

        def pause_writing(self) -> None:
            super().pause_writing()
            register.stalled(self)

        def resume_writing(self) -> None:
            super().resume_writing()
            register.flows(self)

        def connection_lost(self, exc: Exception | None) -> None:
            register.gone(self)
            super().connection_lost(exc)

    return Guarded


def _send_at_once(transport: asyncio.Transport) -> None:
    """Set TCP_NODELAY, which asyncio does by itself only for sockets that name their protocol; Streamlit's do not.

    Head and body of a response are sent in two pieces. Otherwise the system would delay the second until the first is
    acknowledged, which clients do after 40 ms.
    """
    line = transport.get_extra_info("socket")
    if line is not None and line.family in (socket.AF_INET, socket.AF_INET6):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def limit(config: uvicorn.Config, limits: Limits | None = None, *, clock: Callable[[], float] = time.monotonic) -> Register:
    """Apply the limits to a server that does not listen yet."""
    register = Register(limits or Limits(connections=room()), clock)
    if not config.loaded:
        config.load()
    config.http_protocol_class = guarded(config.http_protocol_class, register)
    config.backlog = min(config.backlog, BACKLOG, register.limits.connections)
    return register


def room() -> int:
    """Return how many connections this process has descriptors for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_OPEN if soft == resource.RLIM_INFINITY else max(16, min(MOST_OPEN, int(soft * SHARE_OF_DESCRIPTORS)))
