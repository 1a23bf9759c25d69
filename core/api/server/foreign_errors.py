"""Convert error responses of middlewares around the API to problem details, like all other errors of the API.

request below /api ─▶ Streamlit's middlewares (a path with `..` or a NUL) ─▶ 400, plain text ─▶ here: 404, problem details
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api import problems
from core.errors import NotFound

BELOW = "/api/"


class ForeignErrors:
    """A middleware for the app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(BELOW):
            await self._app(scope, receive, send)
            return
        told = False

        async def sending(message: Message) -> None:
            nonlocal told
            if told:
                return
            if message["type"] == "http.response.start" and _is_foreign(message):
                told = True
                await _problem(message["status"])(scope, receive, send)
                return
            await send(message)

        await self._app(scope, receive, sending)


def _is_foreign(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "text/plain")
    # 499 is not a standard status: the client has disconnected.
    return start["status"] >= 400 and start["status"] in set(HTTPStatus) and kind.startswith("text/plain")


def _problem(status: int) -> ASGIApp:
    if status in (400, 404):
        return problems.of(NotFound("There is nothing at such an address. /api/docs lists what there is."))
    return problems.problem(status, "http", f"{HTTPStatus(status).phrase}. /api/docs lists what there is.")
