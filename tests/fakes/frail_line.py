"""A fragile connection between browser and server: a TCP relay that counts upstream bytes and resets on demand.

with FrailLine(port) as line:
    line.cut_after(500_000)   # upstream bytes from now on, then every connection is reset; the server gets the counted bytes
    line.cut, line.sent, line.arrived   # arrived: the server has read everything and closed its connections
    line.cut_now()
    line.mend()
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import Self

BLOCK = 65536
# With this option close() sends a reset instead of a clean end.
RESET = struct.pack("ii", 1, 0)


class FrailLine:
    """The relay. `sent` is the total of upstream bytes, including those of page requests."""

    def __init__(self, to_port: int) -> None:
        self._to = ("127.0.0.1", to_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: set[tuple[socket.socket, socket.socket]] = set()
        self._guard = threading.Lock()
        self._left: int | None = None
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self.cut = threading.Event()
        self.sent = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        # close() alone does not wake accept(): it would accept one more connection and leave it open.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        self._reset_all()

    @property
    def arrived(self) -> bool:
        with self._guard:
            return not self._connections

    def cut_after(self, bytes_up: int) -> None:
        with self._guard:
            self._left = bytes_up

    def cut_now(self) -> None:
        """Reset all connections, and each new one until `mend`."""
        self.cut.set()
        self._reset_all()

    def mend(self) -> None:
        with self._guard:
            self._left = None
            self.cut.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.cut.is_set():
                _reset(near)
                continue
            try:
                far = socket.create_connection(self._to)
            except OSError:
                _reset(near)
                continue
            with self._guard:
                self._connections.add((near, far))
            threading.Thread(target=self._relay, args=(near, far), daemon=True).start()

    def _relay(self, near: socket.socket, far: socket.socket) -> None:
        up = threading.Thread(target=self._up, args=(near, far), daemon=True)
        up.start()
        self._down(near, far)
        up.join()
        # Neither end was cut: the server closed an idle connection, then the browser did.
        near.close()

    def _up(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while block := near.recv(BLOCK):
                far.sendall(block)
                self._count(len(block))
        except OSError:
            _reset(near)
        _end(far)

    def _down(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while block := far.recv(BLOCK):
                with contextlib.suppress(OSError):  # the server may answer after the cut
                    near.sendall(block)
            near.shutdown(socket.SHUT_WR)
        except OSError:
            _reset(near)
        finally:
            far.close()
            with self._guard:
                self._connections.discard((near, far))

    def _count(self, number: int) -> None:
        with self._guard:
            self.sent += number
            if self._left is None:
                return
            self._left -= number
            if self._left > 0:
                return
            self.cut.set()
        self._reset_all()

    def _reset_all(self) -> None:
        with self._guard:
            connections = list(self._connections)
        for near, far in connections:
            _reset(near)
            _end(far)


def _end(far: socket.socket) -> None:
    """Let the server read all bytes in flight, however slowly, and then the end of the stream."""
    with contextlib.suppress(OSError):  # it has ended already
        far.shutdown(socket.SHUT_WR)


def _reset(connection: socket.socket) -> None:
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()
    except OSError:
        return  # it was closed already
