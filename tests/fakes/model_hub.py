"""A model hub over real HTTP: serves one folder as a repository, with the endpoints that downloads use, and can misbehave.

GET /api/models/<owner>/<name>/revision/main     {"sha": …}
GET /api/models/<owner>/<name>/tree/<sha>        [{"type": "file", "path", "size", "oid", "lfs": {"oid", "size"}}]
GET /<owner>/<name>/resolve/<sha>/<file>         the file, Range honoured, redirected to another path as the real hub does
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.fakes.local_server import Handler, LocalServer

SHA = "1" * 40


class _Handler(Handler):
    fake: ModelHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        hub = self.fake
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
            self._file(name)
        else:
            self.answer(404, b"")

    def _file(self, name: str) -> None:
        data, first = self.fake.content(name), self.headers.get("Range")
        begin = int(first.removeprefix("bytes=").rstrip("-")) if first else 0
        rest = data[begin:]
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: self.fake.break_after])
        if self.fake.break_after is not None and self.fake.break_after < len(rest):
            self.close_connection = True


class ModelHub(LocalServer):
    """`break_after` ends a file after so many bytes; `damage` turns the bytes of weights; `status` replaces 200."""

    handler = _Handler

    def __init__(self, folder: Path, repository: str) -> None:
        super().__init__()
        self.folder, self.repository = folder, repository
        self.break_after: int | None = None
        self.damage = False
        self.status = 200
        self.requests: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return self.root

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
