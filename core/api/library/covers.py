"""GET …/cover: the picture of an episode or feed, small and square, or a placeholder while there is none."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from core.api.asking import Asking
from core.api.bounds import Id
from core.api.contract import told
from core.api.services import Services
from core.services.library.covers import Cover

DAY = 86_400


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])

    @api.get("/episodes/{episode_id}/cover", response_class=Response, responses=told(304))
    def cover(actor: Asking, request: Request, episode_id: Id) -> Response:
        """WebP; an SVG with the title's initial until the picture is fetched, or when there is none. Answers If-None-Match."""
        return sent(request, services.covers.show(actor, episode_id))

    @api.get("/feeds/{feed_id}/cover", response_class=Response, responses=told(304))
    def feed_cover(actor: Asking, request: Request, feed_id: Id) -> Response:
        """The same for a feed."""
        return sent(request, services.covers.show_feed(actor, feed_id))

    return api


def sent(request: Request, found: Cover) -> Response:
    """Return the picture; browsers cache it for a day, but not the placeholder."""
    headers = {
        "ETag": found.etag,
        "Cache-Control": f"private, max-age={DAY}" if found.final else "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type=found.media_type, headers=headers)
