"""The child's end of core/net/proxy_guard: connections for a process that may open no socket.

channel (stdin) ─▶ order()                            the parent's line of JSON
                ─▶ connect()                           a connection to its proxy, for libraries that speak to one
                ─▶ tunnel((host, port))                the same, with CONNECT said: in place of `socket.create_connection`
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

# Folders of the system's trusted certificates, which a confined process reads for TLS.
CERTIFICATES = tuple(
    map(Path, ("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"))
)
MOST_OF_A_HEAD = 4096


class _Line(socket.socket):
    """A connection to the parent's proxy: a socket pair, which has no TCP options."""

    def setsockopt(self, level: int, option: int, *value: Any) -> None:
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, option, *value)


class ProxyChannel:
    """The channel. Its connections come one at a time."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)

    def order(self) -> dict[str, Any]:
        got = b""
        while not got.endswith(b"\n"):
            got += self._socket.recv(1 << 16)
        found: dict[str, Any] = json.loads(got)
        return found

    def connect(self, *_: Any, timeout: Any = None, **__: Any) -> socket.socket:
        """Return a connection from the parent, in place of `socket.create_connection`; the target is ignored."""
        self._socket.sendall(b"c")
        descriptors = socket.recv_fds(self._socket, 1, 1)[1]
        if not descriptors:
            raise OSError("the guard has gone")
        line = _Line(fileno=descriptors[0])
        line.settimeout(timeout if isinstance(timeout, int | float) else 60.0)
        return line

    def tunnel(self, address: tuple[str, int], timeout: Any = None, *_: Any, **__: Any) -> socket.socket:
        """Return a connection to host and port. Raises ConnectionRefusedError if the parent refuses, or cannot connect."""
        host, port = address[:2]
        line = self.connect(timeout=timeout)
        try:
            shown = f"[{host}]" if ":" in host else host
            line.sendall(f"CONNECT {shown}:{port} HTTP/1.1\r\n\r\n".encode("ascii"))
            head = b""
            # One byte at a time, for what follows the head is the server's.
            while not head.endswith(b"\r\n\r\n") and len(head) < MOST_OF_A_HEAD:
                byte = line.recv(1)
                if not byte:
                    break
                head += byte
            if not (head.startswith(b"HTTP/1.1 200 ") and head.endswith(b"\r\n\r\n")):
                raise ConnectionRefusedError("the guard refused")
        except BaseException:
            line.close()
            raise
        return line
