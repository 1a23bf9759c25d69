"""The WebSockets of open pages by session: they are closed when it ends.

SessionsEnded ─▶ the event loop ─▶ close with SIGNED_OUT ─▶ the browser asks again, and the gate leads it to the sign-in page
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import SignInNeeded
from core.events import SessionsEnded

# Of the codes that are free for applications.
SIGNED_OUT = 4401


class OpenPages:
    """The WebSockets by session, to be closed when it ends. 0 stands for those without a session."""

    def __init__(self) -> None:
        self._open: dict[int, set[_Page]] = {}
        self._loops: set[asyncio.AbstractEventLoop] = set()

    def ended(self, event: SessionsEnded) -> None:
        """Close the pages of these sessions; of all, if the event names none. Safe in any thread."""
        for loop in tuple(self._loops):
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._close, loop, event.sessions)

    async def watch(self, session_id: int, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a WebSocket of a session."""
        loop = asyncio.get_running_loop()
        self._loops = {each for each in self._loops if not each.is_closed()} | {loop}
        page = _Page(send, loop)
        self._open.setdefault(session_id, set()).add(page)
        try:
            await app(scope, receive, page.send)
        finally:
            self._open[session_id].discard(page)
            if not self._open[session_id]:
                del self._open[session_id]

    def _close(self, loop: asyncio.AbstractEventLoop, ended: tuple[int, ...]) -> None:
        for session_id in ended or tuple(self._open):
            for page in tuple(self._open.get(session_id, ())):
                if page.loop is loop:
                    page.close()


class _Page:
    """One WebSocket: what is sent after its end is dropped."""

    def __init__(self, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._send = send
        self._accepted = self._ended = False
        self._closing: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        if self._ended:
            return
        await self._send(message)
        self._accepted = self._accepted or message["type"] == "websocket.accept"
        self._ended = message["type"] == "websocket.close"

    def close(self) -> None:
        if not self._ended:
            self._ended = True
            # Kept, because the loop keeps only weak references to tasks.
            self._closing = asyncio.ensure_future(self._tell())

    async def _tell(self) -> None:
        await self._send({"type": "websocket.close", "code": SIGNED_OUT, "reason": SignInNeeded.code})
