"""A line between browser and server that can be cut: a TCP relay which counts what goes up, and breaks off on demand.

with FrailLine(port) as line:
    line.cut_after(500_000)   # bytes up from now on, then every connection is reset; the server gets what was counted
    line.cut, line.sent
    line.mend()
"""

from __future__ import annotations

import socket
import struct
import threading
from typing import Self

BLOCK = 65536
# Closing with this set sends a reset instead of a clean end.
RESET = struct.pack("ii", 1, 0)


class FrailLine:
    """`sent` is how many bytes went up, in all; those of the pages are among them."""

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
        # Closing alone does not wake who waits for a connection: one more would be taken, and left open.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        self._reset_all()

    def cut_after(self, bytes_up: int) -> None:
        with self._guard:
            self._left = bytes_up

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
            threading.Thread(target=self._pump, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, False), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        try:
            while block := source.recv(BLOCK):
                target.sendall(block)
                if up:
                    self._count(len(block))
            target.shutdown(socket.SHUT_WR)
        except OSError:
            _break(*((source, target) if up else (target, source)))

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
            connections, self._connections = self._connections, set()
        for near, far in connections:
            _break(near, far)


def _break(near: socket.socket, far: socket.socket) -> None:
    """The browser is told at once; the server gets what is on its way to it, however slowly it reads, and then the end."""
    _reset(near)
    try:
        far.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it had ended
    finally:
        far.close()


def _reset(connection: socket.socket) -> None:
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()
    except OSError:
        return  # it was closed already
