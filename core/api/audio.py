"""GET and HEAD …/audio: the episode's file with Range (206, 416) and If-Range, so that a player can seek in it."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from core.api.attachment import disposition
from core.api.services import Services


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])

    @api.api_route("/episodes/{episode_id}/audio", methods=["GET", "HEAD"], response_class=Response)
    def audio(request: Request, episode_id: int, download: bool = False) -> Response:
        """The audio itself; `download=true` saves it under the episode's title. Answers Range with 206, or 416."""
        path = services.library.media(episode_id)
        episode = services.library.episode(episode_id).episode
        stat = path.stat()
        kind = _playable(episode.media_type)
        headers = {
            # The type is what our own probe found; a browser must not find a page in it.
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
            **disposition(episode.title, Path(path).suffix, download=download),
        }
        response = FileResponse(path, headers=headers, media_type=kind, stat_result=stat)
        # A file is never changed in place under the same bytes, so its hash names its content best.
        if episode.sha256:
            response.headers["etag"] = f'"{episode.sha256}"'
        if "range" not in request.headers and request.headers.get("if-none-match") == response.headers["etag"]:
            return Response(status_code=304, headers={"ETag": response.headers["etag"]})
        return response

    return api


def _playable(media_type: str | None) -> str:
    """Only audio and video types are named; anything else would be an invitation to render it."""
    if media_type and media_type.startswith(("audio/", "video/")):
        return media_type
    return "application/octet-stream"
