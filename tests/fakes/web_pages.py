"""Web pages over real HTTP on loopback, and the recordings that they play.

`pages[path]` is (content type, body); `sends_on[path]` where a path redirects to,
`statuses[path]` the error that it answers with; `asked` the paths that were asked for,
`headers` what was said with each.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.fakes.local_server import Handler, LocalServer

needs_extra = pytest.mark.skipif(
    importlib.util.find_spec("yt_dlp") is None, reason="yt-dlp is not installed: `make setup-dev` brings it"
)
SAMPLES = Path(__file__).resolve().parents[2] / "demo" / "samples"


class _Pages(Handler):
    fake: WebPages

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.fake.asked.append(path)
        self.fake.headers.append(dict(self.headers))
        if path in self.fake.sends_on:
            self.answer(302, b"", Location=self.fake.sends_on[path])
        elif path in self.fake.statuses:
            self.answer(self.fake.statuses[path], b"not now")
        elif path in self.fake.pages:
            kind, body = self.fake.pages[path]
            self.answer(200, body, **{"Content-Type": kind})
        else:
            self.answer(404, b"not here")

    def do_HEAD(self) -> None:
        self.do_GET()


class WebPages(LocalServer):
    handler = _Pages

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.sends_on: dict[str, str] = {}
        self.statuses: dict[str, int] = {}
        sample = (SAMPLES / "en_short.wav").read_bytes()
        self.pages: dict[str, tuple[str, bytes]] = {"/talk.wav": ("audio/wav", sample)}
        self.page("/talk", '<audio src="/talk.wav"></audio>')

    def page(self, path: str, body: str, head: str = "") -> str:
        """Puts a page there; gives its address."""
        text = f"<!doctype html><html><head><title>A talk &lt;of cats&gt;</title>{head}</head><body>{body}</body></html>"
        self.pages[path] = ("text/html; charset=utf-8", text.encode())
        return self.root + path
