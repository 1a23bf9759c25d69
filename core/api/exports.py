"""Many episodes at once, as a zip that is sent while it is made.

POST /exports {episode_ids, formats}     GET /exports?ids=1,2&formats=md,pdf (for a link)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from core.api.attachment import disposition
from core.api.services import Services
from core.errors import UserError
from core.export.forms import Form
from core.pipeline.exports import MOST


class Wanted(BaseModel):
    episode_ids: Annotated[list[int], Field(min_length=1, max_length=MOST)]
    formats: Annotated[list[Form], Field(min_length=1)]


def page_address(request: Request) -> Callable[[int], str]:
    """The address of an episode's page under the name by which this server was asked."""
    base = f"{request.url.scheme}://{request.url.netloc}"
    return lambda episode_id: f"{base}/episode?id={episode_id}"


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["exports"])

    def send(request: Request, ids: Sequence[int], formats: Sequence[Form | str]) -> Response:
        now = datetime.now(UTC)
        pieces = services.exports.bundle(ids, formats, now=now, page=page_address(request))
        headers = {"Cache-Control": "no-store", **disposition(f"CastMind {now:%Y-%m-%d %H%M}", ".zip", download=True)}
        return StreamingResponse(pieces, headers=headers, media_type="application/zip")

    @api.post("/exports", response_class=Response)
    def export(request: Request, wanted: Wanted) -> Response:
        """A zip with a file for each episode and format; `not-exported.txt` in it names what could not be written, and why."""
        return send(request, wanted.episode_ids, wanted.formats)

    @api.get("/exports", response_class=Response)
    def linked(
        request: Request,
        ids: Annotated[str, Query(description="episode ids, with commas between", max_length=20_000)],
        formats: Annotated[str, Query(description="formats, with commas between")] = "md",
    ) -> Response:
        """The same for a link in a page."""
        try:
            numbers = [int(number) for number in ids.split(",")]
        except ValueError as error:
            raise UserError(f"The ids are numbers with commas between, not {ids[:50]!r}.") from error
        return send(request, numbers, [part for part in formats.split(",") if part])

    return api
