"""/health for users and monitors, and one path for each question of a supervisor.

/health/startup  is the first start over?                   503 until then; never again afterwards
/health/live     does the server answer?                    200, or no answer: then only a restart helps
/health/ready    can requests be met now?                   503 while it starts, restores or stops
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.api.problems import NEVER_CACHED
from core.api.services import Services
from core.domain.accounts.actor import IN_SCOPE, SYSTEM

# A pool of threads of its own: /health also answers while those of the other routes all wait for something.
AT_ONCE = 4


def in_short(body: dict[str, Any]) -> dict[str, Any]:
    """Return a report for those who have not signed in: names and states, without paths, addresses and counts."""
    checks = {name: {"status": check["status"], "duration": check["duration"]} for name, check in body["checks"].items()}
    return {"status": body["status"], "timestamp": body["timestamp"], "checks": checks}


def routes(services: Services) -> list[Route]:
    pool = cache(lambda: anyio.CapacityLimiter(AT_ONCE))

    async def health(request: Request) -> JSONResponse:
        body = await anyio.to_thread.run_sync(services.health, limiter=pool())
        if request.scope.get(IN_SCOPE) is None:
            body = in_short(body)
        return JSONResponse(body, 503 if body["status"] == "unhealthy" else 200, NEVER_CACHED)

    async def startup(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "started" if services.up else "starting"}, 200 if services.up else 503, NEVER_CACHED)

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"}, headers=NEVER_CACHED)

    async def ready(_request: Request) -> JSONResponse:
        if services.ready:
            return JSONResponse({"status": "ready"}, headers=NEVER_CACHED)
        restore = services.backups.restore_state(SYSTEM)
        return JSONResponse({"status": "restoring" if restore and restore.running else "starting"}, 503, NEVER_CACHED)

    table: dict[str, Callable[[Request], object]] = {
        "/health": health,
        "/health/startup": startup,
        "/health/live": live,
        "/health/ready": ready,
    }
    return [Route(path, endpoint) for path, endpoint in table.items()]
