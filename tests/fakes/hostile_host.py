"""A host that keeps to no rule of HTTP: it sends the bytes that a test puts in, whatever they are, and counts who came.

host.answers["/feed.xml"] = b"HTTP/1.1 200 OK\\r\\nContent-Length: -5\\r\\n\\r\\n…"     then it hangs up
host.answers["/feed.xml"] = generator of blocks                                      for as long as the client listens
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

Answer = bytes | Callable[[], Iterator[bytes]]


class HostileHost:
    """The host; use it as a context manager. Unknown paths answer 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="hostile host", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> HostileHost:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        # A last caller wakes the one who waits for callers.
        with socket.create_connection(self._socket.getsockname()):
            self._thread.join()
        self._socket.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            connection, _ = self._socket.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    block = connection.recv(65536)
                    if not block:
                        return
                    head += block
                path = head.split(b" ", 2)[1].decode().partition("?")[0]
                self.asked.append(path)
                self._answer(connection, self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
            except OSError:
                return  # the client hung up, as it should

    def _answer(self, connection: socket.socket, answer: Answer) -> None:
        if isinstance(answer, bytes):
            connection.sendall(answer)
            return
        for block in answer():
            if self._stopping.is_set():
                return
            connection.sendall(block)
