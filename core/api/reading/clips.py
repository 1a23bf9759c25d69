"""GET …/clip: a passage of the audio as a file of its own, cut during the request, and not stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from core.api.asking import Asking
from core.api.attachment import disposition
from core.api.bounds import Id
from core.api.services import Services
from core.domain.episodes.export_form import ClipForm

Seconds = Annotated[float, Query(ge=0, le=1e7, allow_inf_nan=False)]
BLOCK = 1 << 16


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])

    @api.get("/episodes/{episode_id}/clip", response_class=Response)
    def clip(
        actor: Asking, episode_id: Id, start: Seconds, end: Seconds, format: ClipForm = ClipForm.MP3, download: bool = True
    ) -> Response:
        """From `start` to `end` (seconds), ten minutes at most, as mp3 or m4a with the episode's title and the time."""
        made = services.clips.clip(actor, episode_id, start, end, format)
        headers = {
            "Content-Length": str(made.bytes),
            "Cache-Control": "no-store",
            **disposition(made.title, f".{format.value}", download=download),
        }
        return StreamingResponse(_blocks(made.file), headers=headers, media_type=made.media_type)

    return api


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block
