"""A source of advisories over real HTTP: answers as the Open Source Vulnerabilities database does, and can misbehave.

POST /v1/query  {"package": {"name"}, "version"}  ─▶  {"vulns": [{"id", "affected": [{"package", "ranges": [{"events"}]}]}]} or {}
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


def advisory(package: str, name: str, fixed: str | None) -> dict[str, Any]:
    events = [{"introduced": "0"}] + ([{"fixed": fixed}] if fixed else [])
    where = {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return {"id": name, "summary": f"A fault of {package}", "affected": [where]}


class FakeAdvisories:
    """`known` maps a package to its advisory; `status` replaces 200; `asked` are the packages and versions asked for."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.status = 200
        self.asked: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1/query"

    def __enter__(self) -> FakeAdvisories:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                package = asked["package"]["name"]
                source.asked.append((package, asked["version"]))
                found = source.known.get(package)
                body = json.dumps({"vulns": [found]} if found else {}).encode()
                self.send_response(source.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Quiet: the test says what it asked."""

        return Handler
