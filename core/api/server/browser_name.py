"""A name for each browser, in a cookie that the first page sets: a choice made in one browser applies there alone.

    GET of a page without the cookie ─▶ the page, and Set-Cookie ─▶ the WebSocket of that page brings it

See core.domain.accounts.browser.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.domain.accounts.browser import COOKIE, named

YEAR_SECONDS = 365 * 86_400


class BrowserName:
    """Give it to the app as a middleware, within the guard."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or named(_cookie(scope)):
            await self._app(scope, receive, send)
            return

        async def name_it(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    cookie = f"{COOKIE}={secrets.token_hex(16)}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax"
                    headers.append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, name_it)


def _cookie(scope: Scope) -> str | None:
    found = (value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    return cookie_parser("; ".join(found)).get(COOKIE)
