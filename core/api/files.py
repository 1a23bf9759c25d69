"""Send a file with Range (206, 416) and If-Range; invalid ranges are rejected with problem details."""

from __future__ import annotations

from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from core.api.contract import NO_RANGE, told
from core.api.problems import problem

# The responses in the contract of a route that sends a file.
ANSWERS = told(206, 304, 400, 416)


class SentFile(FileResponse):
    """Starlette's file response, with our own error responses."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def sending(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] >= 400:
                refused = True
                await _unsatisfiable(message["status"], self.headers["content-length"])(scope, receive, send)
            elif not refused:
                await send(message)

        await super().__call__(scope, receive, sending)


def _unsatisfiable(status: int, size: str) -> Response:
    detail = f"The Range header asks for what is not there: the file has {size} bytes."
    headers = {"Content-Range": f"bytes */{size}"} if status == 416 else None
    return problem(status, NO_RANGE, detail, headers=headers)
