"""GET and HEAD …/audio: the episode's file with Range (206, 416) and If-Range, so that a player can seek in it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from core.api.attachment import disposition
from core.api.bounds import Id
from core.api.problems import problem
from core.api.services import Services


class AudioResponse(FileResponse):
    """Starlette's file response, but what it refuses of a Range header is told as problem details."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def sending(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] >= 400:
                refused = True
                await _unsatisfiable(message["status"], self.headers["content-length"])(scope, receive, send)
            elif not refused:
                await send(message)

        await super().__call__(scope, receive, sending)


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])

    @api.head("/episodes/{episode_id}/audio", include_in_schema=False)
    @api.get("/episodes/{episode_id}/audio", response_class=Response)
    def audio(request: Request, episode_id: Id, download: bool = False) -> Response:
        """The audio itself; `download=true` saves it under the episode's title. Answers Range with 206, or 416."""
        path = services.library.media(episode_id)
        episode = services.library.episode(episode_id).episode
        headers = {
            # The type is what our own probe found; a browser must not find a page in the bytes.
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
            **disposition(episode.title, path.suffix, download=download),
        }
        if episode.sha256:
            headers["ETag"] = f'"{episode.sha256}"'
        response = AudioResponse(path, headers=headers, media_type=_playable(episode.media_type), stat_result=path.stat())
        etag = response.headers["etag"]
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": etag})
        return response

    return api


def _playable(media_type: str | None) -> str:
    """Only audio and video types are named; any other would be an invitation to render the bytes."""
    if media_type and media_type.startswith(("audio/", "video/")):
        return media_type
    return "application/octet-stream"


def _unsatisfiable(status: int, size: str) -> Response:
    detail = f"The Range header asks for what is not there: the audio has {size} bytes."
    headers = {"Content-Range": f"bytes */{size}"} if status == 416 else None
    return problem(status, "range_not_satisfiable", detail, headers=headers)
