"""GET /metrics: numbers for Prometheus. With a token of its own, because a monitor is no user."""

from __future__ import annotations

import hmac
import ipaddress
from functools import cache

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.api import problems
from core.api.problems import NEVER_CACHED
from core.api.services import Services
from core.ops.metrics.metrics import CONTENT_TYPE

# Headers by which a proxy tells that somebody else asks.
PROXIED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


def may_scrape(token: str, address: str, headers: Headers) -> bool:
    """Return whether a request may read the metrics: with the token, or, if none is set, from this computer itself."""
    if token:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
    return _is_own(address) and not any(name in headers for name in PROXIED)


def _is_own(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def routes(services: Services) -> list[Route]:
    # One scrape at a time is measured; others wait for their turn, and no thread of the routes is taken.
    pool = cache(lambda: anyio.CapacityLimiter(1))

    async def metrics(request: Request) -> Response:
        token = services.settings.values.metrics_token
        if not may_scrape(token, request.client.host if request.client else "", request.headers):
            return problems.problem(
                401 if token else 403,
                "metrics_refused",
                "Metrics are read with the token of the setting metrics_token, or from this computer itself if there is none.",
                headers={**NEVER_CACHED, **({"WWW-Authenticate": "Bearer"} if token else {})},
            )
        body = await anyio.to_thread.run_sync(services.metrics.text, limiter=pool())
        return Response(body, media_type=CONTENT_TYPE, headers=NEVER_CACHED)

    return [Route("/metrics", metrics)]
