"""/health for users and monitors, /health/live for a supervisor, /health/ready for a load balancer or a test."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.api.server.patience import LOCK_SECONDS
from core.api.services import Services
from core.domain.accounts.actor import SYSTEM
from core.services.library import database_lock

NEVER_CACHED = {"Cache-Control": "no-store"}


def routes(services: Services) -> list[Route]:
    async def health(_request: Request) -> JSONResponse:
        database_lock.wait_at_most(LOCK_SECONDS)
        body = await run_in_threadpool(services.health)
        return JSONResponse(body, 503 if body["status"] == "unhealthy" else 200, NEVER_CACHED)

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"}, headers=NEVER_CACHED)

    async def ready(_request: Request) -> JSONResponse:
        if services.ready:
            return JSONResponse({"status": "ready"}, headers=NEVER_CACHED)
        restore = services.backups.restore_state(SYSTEM)
        return JSONResponse({"status": "restoring" if restore and restore.running else "starting"}, 503, NEVER_CACHED)

    table: dict[str, Callable[[Request], object]] = {"/health": health, "/health/live": live, "/health/ready": ready}
    return [Route(path, endpoint) for path, endpoint in table.items()]
