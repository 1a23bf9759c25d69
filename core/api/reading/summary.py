"""GET …/summary: the newest notes, with the quotes and times that support them."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from core.api import schemas
from core.api.asking import Asking
from core.api.attachment import disposition
from core.api.bounds import Id
from core.api.services import Services
from core.errors import NotFound


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])
    library = services.library

    @api.get("/episodes/{episode_id}/summary", response_class=Response)
    def summary(actor: Asking, episode_id: Id, format: Literal["json", "md"] = "json", download: bool = False) -> Response:
        """`{tldr, points: [{text, quote, start, verified}], chapters: [{title, start, summary}], coverage, engine, model}`."""
        title = library.episode(actor, episode_id).episode.title
        version = library.notes(actor, episode_id)
        if version is None:
            raise NotFound(f"Episode {episode_id} has no notes yet.", id=episode_id, case="no_notes")
        headers = {"Cache-Control": "private, no-cache", **disposition(title, f".{format}", download=download)}
        if format == "md":
            return Response(
                services.exports.summary(actor, episode_id), headers=headers, media_type="text/markdown; charset=utf-8"
            )
        return JSONResponse(schemas.summary(version), headers=headers)

    return api
