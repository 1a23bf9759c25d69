"""A transport of the protocol for tests: POST /worker over HTTP on loopback, for workers that know the key.

401: another key   411, 413: no length, or too long a body (not read)   200: the reply, Refused included
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from core.pipeline.protocol import MOST_BYTES, Reply, Request, decode
from core.pipeline.remote_runs import RemoteRuns
from tests.fakes.local_server import Handler, LocalServer

PATH = "/worker"


class WorkerHandler(Handler):
    protocol_version = "HTTP/1.1"
    fake: WorkerPort

    def do_POST(self) -> None:
        # A body that is not read cannot be followed by another request.
        self.close_connection = True
        if not hmac.compare_digest(self.headers.get("Authorization", ""), f"Bearer {self.fake.key}"):
            return self.answer(401, b"", Connection="close")
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            return self.answer(411, b"", Connection="close")
        if int(length) > MOST_BYTES:
            return self.answer(413, b"", Connection="close")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return None  # The sender was killed while it sent: this is no message, and nobody reads a reply.
        reply = self.fake.answer(body)
        self.close_connection = False
        return self.answer(200, reply, **{"Content-Type": "application/json"})


class WorkerPort(LocalServer):
    """`exchanged` are the messages and the replies to them, as they were sent, in order. `before_reply` is called when a message
    has been dealt with and its reply is not sent yet."""

    handler = WorkerHandler

    def __init__(self, remote: RemoteRuns, key: str, *, port: int = 0, before_reply: Callable[[Any], None] | None = None) -> None:
        super().__init__(port)
        self.key = key
        self.exchanged: list[tuple[bytes, bytes]] = []
        self._remote = remote
        self._before_reply = before_reply

    def answer(self, data: bytes) -> bytes:
        reply = self._remote.answer(data)
        self.exchanged.append((data, reply))
        if self._before_reply:
            self._before_reply(decode(data))
        return reply

    def messages(self, *kinds: type[Any]) -> list[tuple[Request, Reply]]:
        """Return the understood messages of these kinds, with their replies."""
        pairs: list[Any] = [(decode(data), decode(reply)) for data, reply in self.exchanged]
        return [(message, reply) for message, reply in pairs if isinstance(message, kinds)]
