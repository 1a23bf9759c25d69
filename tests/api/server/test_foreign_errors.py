"""Errors from the layers around the API, over a frame that answers like the real one."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.server.foreign_errors import ForeignErrors


def asked(path: str, answer: ASGIApp) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    anyio.run(ForeignErrors(answer), scope, receive, send)
    return sent


def streamed(scope: Scope, receive: Receive, send: Send) -> object:
    async def telling() -> None:
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b"Bad ", "more_body": True})
        await send({"type": "http.response.body", "body": b"Request"})

    return telling()


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (lambda: Response("Bad Request", 400), 404, b'"not_found"'),
        (lambda: PlainTextResponse("no", 400), 404, b'"not_found"'),
        (lambda: PlainTextResponse("too long", 414), 414, b'"http"'),
        (lambda: PlainTextResponse("Internal Server Error", 500), 500, b'"http"'),
        (lambda: streamed, 404, b'"not_found"'),
    ],
)
def test_a_plain_refusal_below_the_api_becomes_a_problem(answer: Callable[[], ASGIApp], status: int, code: bytes) -> None:
    start, *bodies = asked("/api/v1/episodes/x", answer())
    body = b"".join(each["body"] for each in bodies)
    assert start["status"] == status and code in body
    assert (b"content-type", b"application/problem+json") in start["headers"]


def test_a_path_with_a_line_break_which_no_mount_matches_becomes_a_problem() -> None:
    start, *_ = asked("/api/v1/episodes/a\n/summaries", Starlette(routes=[Mount("/api", app=PlainTextResponse("never"))]))
    assert start["status"] == 404 and (b"content-type", b"application/problem+json") in start["headers"]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/media/x", lambda: Response("Bad Request", 400)),
        ("/api/v1/episodes", lambda: PlainTextResponse("a transcript")),
        ("/api/v1/episodes", lambda: JSONResponse({"a": 1}, 409)),
        ("/api/v1/episodes", lambda: Response(status_code=499)),
    ],
)
def test_all_else_passes(path: str, answer: Callable[[], Response]) -> None:
    given = answer()
    start, *bodies = asked(path, given)
    assert start["status"] == given.status_code and bodies[0]["body"] == given.body
