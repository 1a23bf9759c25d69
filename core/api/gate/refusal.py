"""Refuse a request of either kind: a problem (HTTP), or a close code (a WebSocket that is not accepted yet)."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from core.api import problems
from core.api.gate.open_pages import SIGNED_OUT
from core.api.problems import NEVER_CACHED
from core.errors import CastMindError

# Of the registry of close codes.
TRY_AGAIN_LATER = 1013


async def refuse(error: CastMindError, scope: Scope, receive: Receive, send: Send, *, closing: int = SIGNED_OUT) -> None:
    """Answer with the error; never cached, as the next request of the same address may be let in."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": closing, "reason": error.code})
        return
    answer = problems.of(error)
    answer.headers.update(NEVER_CACHED)
    await answer(scope, receive, send)
