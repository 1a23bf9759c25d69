"""A source of advisories over real HTTP: answers as the Open Source Vulnerabilities database does, and can misbehave.

POST /v1/query  {"package": {"name"}, "version"}  ─▶  {"vulns": [{"id", "affected": [{"package", "ranges": [{"events"}]}]}]} or {}
"""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.local_server import Handler, LocalServer


def advisory(package: str, name: str, fixed: str | None) -> dict[str, Any]:
    events = [{"introduced": "0"}] + ([{"fixed": fixed}] if fixed else [])
    where = {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return {"id": name, "summary": f"A fault of {package}", "affected": [where]}


class _Handler(Handler):
    fake: FakeAdvisories

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        package = asked["package"]["name"]
        self.fake.asked.append((package, asked["version"]))
        found = self.fake.known.get(package)
        self.answer(self.fake.status, json.dumps({"vulns": [found]} if found else {}).encode())


class FakeAdvisories(LocalServer):
    """`known` maps a package to its advisory; `status` replaces 200; `asked` are the packages and versions asked for."""

    handler = _Handler

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, dict[str, Any]] = {}
        self.status = 200
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"{self.root}/v1/query"
