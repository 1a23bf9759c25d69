"""Proxy for a process that may open no socket: the parent hands it connections one by one.

    child: a byte on the channel ─▶ socketpair ─▶ one end to the child (SCM_RIGHTS)
           CONNECT host:port, or GET http://host/… ─▶ GuardedBackend: resolve, refuse, connect to the checked address ─▶ relay

The proxy listens on no port, so nothing else can use it. The child cannot bypass it, because the kernel refuses it sockets.
Refused targets are kept in `refused`, for the error that a person sees.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from core.domain.feeds.feed_address import shown
from core.errors import BadAddress, CastMindError
from core.net.addresses import GuardedBackend, check_url

HEAD = 1 << 16
BLOCK = 1 << 16
CONNECT_SECONDS = 15.0
# Seconds that both sides may be silent, and seconds between two checks for the end.
SILENCE = 60.0
SLICE = 0.5
# Connections at the same time; a page needs two or three.
MOST = 16
_OURS = ("proxy-", "connection:", "keep-alive:")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A parsed request. `head`: the request head to send to the server; None for CONNECT, which relays bytes unchanged."""

    host: str
    port: int
    head: bytes | None


class ProxyGuard:
    """The proxy, which runs inside a `with`. `channel`: the child's end; `received`: bytes received from servers."""

    def __init__(self, backend: GuardedBackend) -> None:
        self._backend = backend
        self._near, self.channel = socket.socketpair()
        self._places = threading.Semaphore(MOST)
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lines: list[socket.socket] = []
        self.refused: list[CastMindError] = []
        self.received = 0

    def __enter__(self) -> Self:
        self._spawn(self._hand_out)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._near.shutdown(socket.SHUT_RDWR)
        for line in list(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            # A thread that is still connecting ends by itself once it finds its client gone.
            thread.join(2 * SLICE)
        self._near.close()
        self.channel.close()

    def say(self, line: bytes) -> None:
        """Send a line to the child, before it requests the first connection."""
        self._near.sendall(line + b"\n")

    def _spawn(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="page-guard", daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _hand_out(self) -> None:
        with contextlib.suppress(OSError):
            while self._near.recv(1):
                ours, theirs = socket.socketpair()
                with theirs:
                    socket.send_fds(self._near, [b"c"], [theirs.fileno()])
                self._spawn(self._serve, ours)

    def _serve(self, client: socket.socket) -> None:
        with client, self._places, contextlib.suppress(OSError):
            client.settimeout(SILENCE)
            head, behind = _read_head(client, self._ended)
            try:
                asked = _understand(head)
                stream = self._backend.connect_tcp(asked.host, asked.port, CONNECT_SECONDS)
            except CastMindError as error:
                self.refused.append(error)
                client.sendall(b"HTTP/1.1 403 Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            try:
                server: socket.socket = stream.get_extra_info("socket")
                server.settimeout(SILENCE)
                self._lines += [client, server]
                if asked.head is None:
                    client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                server.sendall((asked.head or b"") + behind)
                self._relay(client, server)
            finally:
                stream.close()

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        """Relay bytes both ways until the server closes, or both sides are silent for SILENCE seconds."""
        quiet, open_ = 0.0, [client, server]
        while quiet < SILENCE and not self._ended.is_set():
            ready = select.select(open_, [], [], SLICE)[0]
            quiet = 0.0 if ready else quiet + SLICE
            for source in ready:
                block = source.recv(BLOCK)
                if source is server:
                    if not block:
                        return
                    self.received += len(block)
                    client.sendall(block)
                elif block:
                    server.sendall(block)
                else:
                    open_.remove(client)
                    server.shutdown(socket.SHUT_WR)


def _read_head(client: socket.socket, ended: threading.Event) -> tuple[bytes, bytes]:
    """Return (the request's head, the bytes after it). Raises OSError without a request."""
    got = b""
    while b"\r\n\r\n" not in got:
        if ended.is_set() or len(got) > HEAD:
            raise OSError("no request")
        if select.select([client], [], [], SLICE)[0]:
            block = client.recv(BLOCK)
            if not block:
                raise OSError("no request")
            got += block
    head, _, behind = got.partition(b"\r\n\r\n")
    return head, behind


def _understand(head: bytes) -> _Asked:
    """Parse a request to a proxy. Raises BadAddress for anything else."""
    first, *fields = head.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    target = rest.partition(" ")[0]
    if method == "CONNECT":
        host, port = _host_and_port(f"//{target}", 0)
        return _Asked(host, port, None)
    check_url(target)
    if not target.startswith("http://"):
        raise BadAddress(f"{shown(target)} was asked for in a way that is not understood. Nothing was fetched.")
    host, port = _host_and_port(target, 80)
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [line for line in fields if not line.lower().startswith(_OURS)]
    lines = [f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""]
    return _Asked(host, port, "\r\n".join(lines).encode("latin-1"))


def _host_and_port(target: str, default: int) -> tuple[str, int]:
    try:
        parts = urlsplit(target)
        host, port = parts.hostname, parts.port or default
    except ValueError:
        host, port = None, 0
    if not host or not port:
        raise BadAddress("A page leads to what is no address. Nothing was fetched.")
    return host, port
