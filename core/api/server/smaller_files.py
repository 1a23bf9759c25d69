"""Send Streamlit's own files in fewer bytes: scripts and styles compressed, fonts cut down to what the pages show.

    GET /static/….js, .css ─▶ the app's answer ─▶ gzip, kept by path ─▶ browser      (their names change with their contents)
    GET /static/media/<font>  ─▶ the smaller font, revalidated by its ETag

A pure ASGI middleware. Streamlit sends its files as they are: 3.6 MB for the first page.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPTS = "/static/"
MEDIA = "/static/media/"
_COMPRESSED = (".js", ".css")
Compress = Callable[[bytes], Awaitable[bytes]]
# Compressed bytes to keep; all of Streamlit's scripts take less.
MOST = 16_000_000


class SmallerFiles:
    """`fonts`: the beginning of a font's name in Streamlit's package, and the file to send in its place."""

    def __init__(self, app: ASGIApp, fonts: Mapping[str, Path]) -> None:
        self._app = app
        self._fonts = {f"{MEDIA}{name}": file.read_bytes() for name, file in fonts.items()}
        self._kept: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(SCRIPTS):
            await self._app(scope, receive, send)
        elif (font := self._font(path)) is not None:
            await _sent(font, Headers(scope=scope))(scope, receive, send)
        elif path.endswith(_COMPRESSED) and _takes_gzip(scope):
            await self._app(scope, receive, Compressing(send, lambda body: self._compressed(path, body)))
        else:
            await self._app(scope, receive, send)

    def _font(self, path: str) -> bytes | None:
        return next((font for name, font in self._fonts.items() if path.startswith(name)), None)

    async def _compressed(self, path: str, body: bytes) -> bytes:
        kept = self._kept.get(path)
        if kept is None:
            kept = await anyio.to_thread.run_sync(gzip.compress, body, 6)
            if sum(map(len, self._kept.values())) + len(kept) <= MOST:
                self._kept[path] = kept
        return kept


class Compressing:
    """A `send` that collects a complete answer and compresses its body; other answers pass as they are."""

    def __init__(self, send: Send, compress: Compress) -> None:
        self._send = send
        self._compress = compress
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            self._start = message
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        body = await self._compress(self._body)
        headers = MutableHeaders(raw=self._start["headers"])
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        headers.add_vary_header("Accept-Encoding")
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def _takes_gzip(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return scope["method"] == "GET" and "range" not in headers and "gzip" in headers.get("accept-encoding", "")


def _sent(font: bytes, headers: Headers) -> Response:
    """Return the font. Streamlit's name for it says nothing of our contents, so browsers ask whether it changed."""
    tag = f'"{hashlib.sha256(font).hexdigest()[:32]}"'
    kept = {"ETag": tag, "Cache-Control": "no-cache"}
    if headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=kept)
    return Response(font, media_type="font/woff2", headers=kept)
