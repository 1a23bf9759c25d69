"""A stand-in for Litestream's control socket: what it answers is set, what it is asked to do is noted."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any


class FakeLitestream(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, database: Path) -> None:
        folder = database.parent / "replica"
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(str(folder / "litestream.sock"), _Handler)
        self.listed: dict[str, Any] = {"path": str(database), "status": "replicating"}
        self.copied: dict[str, Any] = {"path": str(database), "active": False}
        self.status = 200
        self.did: list[tuple[str, dict[str, Any]]] = []


class _Handler(BaseHTTPRequestHandler):
    server: FakeLitestream

    def do_GET(self) -> None:
        self._answer({"databases": [self.server.listed if self.path == "/list" else self.server.copied]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.did.append((self.path, body))
        self._answer({})

    def _answer(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def address_string(self) -> str:
        return "socket"

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def fake_litestream(database: Path) -> Iterator[FakeLitestream]:
    with FakeLitestream(database) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
