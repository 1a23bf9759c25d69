"""Send Streamlit's own files in fewer bytes and requests: scripts joined and compressed, fonts cut down to what the pages show.

    GET /static/….js, .css     ─▶ the app's answer ─▶ gzip, kept by path ─▶ browser   (their names change with their contents)
    GET /static/joined-…/js/…  ─▶ the same script, with its part of the joined ones (joined_scripts.py)
    GET a page                 ─▶ Streamlit's page, which loads the joined scripts, with what `page` adds
    GET /static/media/<font>   ─▶ the smaller font, revalidated by its ETag

A pure ASGI middleware. Streamlit sends its files as they are: 3.6 MB in 100 requests for the first page.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio
import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.server.joined_scripts import Joined

SCRIPTS = "/static/"
MEDIA = "/static/media/"
API = "/api/"
_COMPRESSED = (".js", ".css")
# Of any hash: a window that was opened before an update goes on with the scripts that it has.
_JOINED = re.compile(r"/static/joined-[0-9a-f]+/(js/([^/]+\.js)$)?")
# Of a request for a page, which is changed and compressed here.
_LEFT_OUT = (b"if-none-match", b"if-modified-since", b"accept-encoding")
_TAGS = ("etag", "last-modified")
Change = Callable[[bytes], bytes]
PageChange = Callable[[str, Scope], str]
# Compressed bytes to keep; all of Streamlit's scripts take less.
MOST = 16_000_000


class SmallerFiles:
    """`fonts`: the beginning of a font's name in Streamlit's package, and the file to send in its place. `join` makes the joined
    scripts, for the first page. `page` changes the HTML of a page; it is called in a worker thread.
    """

    def __init__(
        self,
        app: ASGIApp,
        fonts: Mapping[str, Path],
        join: Callable[[], Joined | None] = lambda: None,
        page: PageChange = lambda html, _: html,
    ) -> None:
        self._app = app
        self._fonts = {f"{MEDIA}{name}": file.read_bytes() for name, file in fonts.items()}
        self._kept: dict[str, bytes] = {}
        self._join = join
        self._page_change = page
        self._joining = anyio.Lock()
        self._joined: Joined | None = None
        self._tried = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif (found := _JOINED.match(path)) and (joined := await self._scripts()):
            await self._from_folder(scope, receive, send, found, joined)
        elif path.startswith(SCRIPTS):
            await self._file(scope, receive, send)
        elif _asks_for_page(scope):
            await self._page(scope, receive, send, await self._scripts())
        else:
            await self._app(scope, receive, send)

    async def _file(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if (font := self._font(path)) is not None:
            await _sent(font, Headers(scope=scope))(scope, receive, send)
        elif path.endswith(_COMPRESSED) and _takes_gzip(scope):
            await self._app(scope, receive, Changing(send, lambda body: self._compressed(path, body), gzipped=True))
        else:
            await self._app(scope, receive, send)

    async def _from_folder(self, scope: Scope, receive: Receive, send: Send, found: re.Match[str], joined: Joined) -> None:
        """Send a file by its place in the folder of the joined scripts."""
        path, name = scope["path"], found[2]
        plain = f"{SCRIPTS}{path[found.end() if not name else found.start(1) :]}"
        inner = {**scope, "path": plain, "raw_path": plain.encode()}
        if not name or scope["method"] != "GET":
            await self._file(inner, receive, send)
            return

        def changed(body: bytes) -> bytes:
            return joined.script(name, body.decode()).encode()

        gzipped = _takes_gzip(scope)
        change: Change = (lambda body: self._compressed(path, body, changed)) if gzipped else changed
        await self._app(inner, receive, Changing(send, change, gzipped=gzipped))

    async def _page(self, scope: Scope, receive: Receive, send: Send, joined: Joined | None) -> None:
        """Send a changed page. Streamlit's tag is that of its own page, so nobody may ask with it."""
        gzipped = _takes_gzip(scope)

        def changed(body: bytes) -> bytes:
            html = body.decode()
            page = self._page_change(joined.page(html) if joined else html, scope).encode()
            return gzip.compress(page, 6) if gzipped else page

        headers = [(name, value) for name, value in scope["headers"] if name not in _LEFT_OUT]
        await self._app({**scope, "headers": headers}, receive, Changing(send, changed, "text/html", gzipped=gzipped))

    async def _scripts(self) -> Joined | None:
        if not self._tried:
            async with self._joining:
                if not self._tried:
                    self._joined = await anyio.to_thread.run_sync(self._join)
                    self._tried = True
        return self._joined

    def _font(self, path: str) -> bytes | None:
        return next((font for name, font in self._fonts.items() if path.startswith(name)), None)

    def _compressed(self, path: str, body: bytes, change: Change = bytes) -> bytes:
        kept = self._kept.get(path)
        if kept is None:
            kept = gzip.compress(change(body), 6)
            if sum(map(len, self._kept.values())) + len(kept) <= MOST:
                self._kept[path] = kept
        return kept


class Changing:
    """A `send` that collects a complete answer of this `kind` and changes its body; other answers pass as they are."""

    def __init__(self, send: Send, change: Change, kind: str = "", *, gzipped: bool) -> None:
        self._send = send
        self._change = change
        self._kind = kind
        self._gzipped = gzipped
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200 and self._concerns(message):
            self._start = message
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        body = await anyio.to_thread.run_sync(self._change, self._body)
        headers = MutableHeaders(raw=self._start["headers"])
        if self._gzipped:
            headers["Content-Encoding"] = "gzip"
        if self._kind:
            for name in _TAGS:
                del headers[name]
            headers["Cache-Control"] = "private, no-cache"
            headers.add_vary_header("Cookie, Accept-Language")
        headers["Content-Length"] = str(len(body))
        headers.add_vary_header("Accept-Encoding")
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})

    def _concerns(self, message: Message) -> bool:
        headers = Headers(raw=message["headers"])
        return headers.get("content-type", "").startswith(self._kind) and "content-encoding" not in headers


def _takes_gzip(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return scope["method"] == "GET" and "range" not in headers and "gzip" in headers.get("accept-encoding", "")


def _asks_for_page(scope: Scope) -> bool:
    return (
        scope["method"] == "GET" and not scope["path"].startswith(API) and "text/html" in Headers(scope=scope).get("accept", "")
    )


def _sent(font: bytes, headers: Headers) -> Response:
    """Return the font. Streamlit's name for it says nothing of our contents, so browsers ask whether it changed."""
    tag = f'"{hashlib.sha256(font).hexdigest()[:32]}"'
    kept = {"ETag": tag, "Cache-Control": "no-cache"}
    if headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=kept)
    return Response(font, media_type="font/woff2", headers=kept)
