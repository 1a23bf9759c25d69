"""A model hub over real HTTP: serves one folder as a repository, with the endpoints that downloads use, and can misbehave.

GET /api/models/<owner>/<name>/revision/main     {"sha": …}
GET /api/models/<owner>/<name>/tree/<sha>        [{"type": "file", "path", "size", "oid", "lfs": {"oid", "size"}}]
GET /<owner>/<name>/resolve/<sha>/<file>         the file, Range honoured, redirected to another path as the real hub does
"""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

SHA = "1" * 40


class ModelHub:
    """`break_after` ends a file after so many bytes; `damage` turns the bytes of weights; `status` replaces 200."""

    def __init__(self, folder: Path, repository: str) -> None:
        self.folder, self.repository = folder, repository
        self.break_after: int | None = None
        self.damage = False
        self.status = 200
        self.requests: list[tuple[str, str | None]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ModelHub:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def listing(self) -> list[dict[str, Any]]:
        rows = []
        for file in sorted(self.folder.iterdir()):
            data = file.read_bytes()
            row: dict[str, Any] = {"type": "file", "path": file.name, "size": len(data)}
            row["oid"] = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            if file.name == "model.bin":
                row["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}
            rows.append(row)
        return [*rows, {"type": "file", "path": "README.md", "size": 5, "oid": "0" * 40}]

    def content(self, name: str) -> bytes:
        data = (self.folder / name).read_bytes()
        return bytes(b ^ 255 for b in data) if self.damage and name == "model.bin" else data

    def _handler(hub) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.requests.append((self.path, self.headers.get("Range")))
                name = self.path.rpartition("/")[2]
                if hub.status != 200:
                    self.answer(hub.status, b"")
                elif self.path == f"/api/models/{hub.repository}/revision/main":
                    self.answer(200, json.dumps({"sha": SHA}).encode())
                elif self.path == f"/api/models/{hub.repository}/tree/{SHA}":
                    self.answer(200, json.dumps(hub.listing()).encode())
                elif self.path == f"/{hub.repository}/resolve/{SHA}/{name}":
                    self.answer(302, b"", Location=f"/cdn/{name}")
                elif self.path == f"/cdn/{name}":
                    self.file(name)
                else:
                    self.answer(404, b"")

            def file(self, name: str) -> None:
                data, first = hub.content(name), self.headers.get("Range")
                begin = int(first.removeprefix("bytes=").rstrip("-")) if first else 0
                rest = data[begin:]
                self.send_response(206 if first else 200)
                self.send_header("Content-Length", str(len(rest)))
                self.end_headers()
                self.wfile.write(rest[: hub.break_after])
                if hub.break_after is not None and hub.break_after < len(rest):
                    self.close_connection = True

            def answer(self, status: int, body: bytes, **headers: str) -> None:
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        return Handler
