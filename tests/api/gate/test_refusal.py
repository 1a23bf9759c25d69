from __future__ import annotations

import json
from typing import Any

import anyio
import pytest

from core.api.gate.open_pages import SIGNED_OUT
from core.api.gate.refusal import TRY_AGAIN_LATER, refuse
from core.errors import NotAllowed, TooManyRequests


def sent(kind: str, *args: Any, **options: Any) -> list[Any]:
    """Return the messages of a refusal."""
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        raise AssertionError("a refusal reads nothing of the request")

    async def run() -> None:
        await refuse(*args, {"type": kind, "method": "GET", "headers": []}, receive, send, **options)

    anyio.run(run)
    return messages


def test_a_request_gets_a_problem_that_no_cache_keeps() -> None:
    start, body = sent("http", TooManyRequests(7.2))
    headers = dict(start["headers"])
    assert start["status"] == 429 and headers[b"cache-control"] == b"no-store" and int(headers[b"retry-after"]) >= 7
    assert json.loads(body["body"])["code"] == "too_many_requests"


@pytest.mark.parametrize(("options", "code"), [({}, SIGNED_OUT), ({"closing": TRY_AGAIN_LATER}, TRY_AGAIN_LATER)])
def test_a_websocket_is_closed_before_it_is_accepted(options: dict[str, int], code: int) -> None:
    assert sent("websocket", NotAllowed(), **options) == [{"type": "websocket.close", "code": code, "reason": "not_allowed"}]
