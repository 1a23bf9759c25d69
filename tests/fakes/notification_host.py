"""A service that takes notifications over real HTTP, and misbehaves on request.

host.answers = [500, 429, 200]      the statuses of the next requests; the last one stays
host.behaviour = "slow" | "huge" | "silent" | "redirect:URL" | "hold"
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from tests.fakes.local_server import Handler, LocalServer


@dataclass(frozen=True)
class Arrived:
    path: str
    headers: dict[str, str]
    body: bytes


class _Handler(Handler):
    def do_POST(self) -> None:
        fake: NotificationHost = self.fake
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fake.arrived.append(Arrived(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        behaviour, _, target = fake.behaviour.partition(":")
        if behaviour == "redirect":
            self.answer(302, b"", Location=target)
        elif behaviour == "huge":
            self._pour(b"x" * 65536, 400)
        elif behaviour == "slow":
            self._pour(b"x", 10_000, pause=0.05)
        elif behaviour == "silent":
            fake.released.wait(30.0)
        elif behaviour == "hold":
            fake.released.wait(30.0)
            self.answer(200, b"{}")
        else:
            status = fake.answers.pop(0) if len(fake.answers) > 1 else fake.answers[0]
            self.answer(status, fake.said, **fake.headers)

    do_GET = do_POST

    def _pour(self, block: bytes, times: int, *, pause: float = 0.0) -> None:
        self.send_response(500)
        self.send_header("Content-Length", str(len(block) * times))
        self.end_headers()
        for _ in range(times):
            try:
                self.wfile.write(block)
                self.wfile.flush()
            except OSError:
                return
            if self.fake.released.wait(pause):
                return


class NotificationHost(LocalServer):
    """The host; use it as a context manager."""

    handler = _Handler

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[Arrived] = []
        self.answers: list[int] = [200]
        self.said = b'{"message": "fine"}'
        self.headers: dict[str, str] = {}
        self.behaviour = ""
        self.released = threading.Event()

    @property
    def place(self) -> str:
        """Host and port."""
        return self.root.removeprefix("http://")

    def __exit__(self, *ended: Any) -> None:
        self.released.set()
        super().__exit__(*ended)


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: float | None = None) -> None:
        self.now = time.time() if now is None else now

    def __call__(self) -> float:
        return self.now
