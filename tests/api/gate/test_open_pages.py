"""The open WebSockets by session: closed in the loop that serves them, whatever thread says so."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from core.api.gate.open_pages import SIGNED_OUT, OpenPages
from core.events import SessionsEnded


class Page:
    """One WebSocket: what was sent to it; `app` keeps it open until it is closed."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.closed = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self.closed.set()

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await self.closed.wait()
        await send({"type": "websocket.send", "text": "too late"})


async def _nothing() -> Any:
    return {"type": "websocket.receive"}


@pytest.mark.parametrize(("ended", "closed"), [((7,), {7}), ((8, 9), {8}), ((), {7, 8})])
def test_the_pages_of_these_sessions_are_closed(ended: tuple[int, ...], closed: set[int]) -> None:
    async def run() -> set[int]:
        pages, by_session = OpenPages(), {7: Page(), 8: Page()}
        running = [
            asyncio.create_task(pages.watch(number, page.app, {"type": "websocket"}, _nothing, page.send))
            for number, page in by_session.items()
        ]
        while not all(page.sent for page in by_session.values()):
            await asyncio.sleep(0)
        thread = threading.Thread(target=pages.ended, args=(SessionsEnded(sessions=ended),))
        thread.start()
        await asyncio.to_thread(thread.join)
        for number in closed:
            await by_session[number].closed.wait()
            (last,) = by_session[number].sent[1:]
            assert (last["type"], last["code"]) == ("websocket.close", SIGNED_OUT)
        found = {number for number, page in by_session.items() if page.closed.is_set()}
        for page in by_session.values():
            page.closed.set()
        await asyncio.gather(*running)
        assert pages._open == {}
        return found

    assert asyncio.run(run()) == closed


def test_without_a_page_there_is_nothing_to_close() -> None:
    OpenPages().ended(SessionsEnded(sessions=(1,)))
