"""GET and HEAD …/audio: the episode's file with Range (206, 416) and If-Range, so that players can seek."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from core.api.asking import Asking
from core.api.attachment import disposition
from core.api.bounds import Id
from core.api.files import ANSWERS, SentFile
from core.api.services import Services


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])

    @api.head("/episodes/{episode_id}/audio", include_in_schema=False)
    @api.get("/episodes/{episode_id}/audio", response_class=Response, responses=ANSWERS)
    def audio(actor: Asking, request: Request, episode_id: Id, download: bool = False) -> Response:
        """The audio itself; `download=true` saves it under the episode's title. Answers Range with 206, or 416."""
        path = services.library.media(actor, episode_id)
        episode = services.library.episode(actor, episode_id).episode
        headers = {
            # The type comes from our own probe; a browser must not interpret the bytes as a page.
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
            **disposition(episode.title, path.suffix, download=download),
        }
        if episode.sha256:
            headers["ETag"] = f'"{episode.sha256}"'
        response = SentFile(path, headers=headers, media_type=_playable(episode.media_type), stat_result=path.stat())
        etag = response.headers["etag"]
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": etag})
        return response

    return api


def _playable(media_type: str | None) -> str:
    """Return the type if it is audio or video; any other could make a browser render the bytes."""
    if media_type and media_type.startswith(("audio/", "video/")):
        return media_type
    return "application/octet-stream"
