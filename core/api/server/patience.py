"""Limit how long a request waits for a lock that another program holds on the database."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from core.services.library import database_lock

LOCK_SECONDS = 2.0


class LockPatience:
    """A middleware: code that works for a request, in any thread, knows how long it may wait."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Each request has its own task, and so its own context.
        with database_lock.waiting_at_most(LOCK_SECONDS):
            await self._app(scope, receive, send)
