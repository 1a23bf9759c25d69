"""Move subscriptions between programs.

POST /opml   the file as the body ─▶ 202: imported in the background; /imports/ID shows the progress
GET  /opml   all feeds as a file
"""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.api.asking import Asking
from core.api.attachment import disposition
from core.api.bounds import Count
from core.api.contract import told
from core.api.feeds.imports import shape
from core.api.services import Services
from core.errors import TooLarge

CLIENT_CLOSED = 499
MEDIA_TYPE = "text/x-opml"
BODY = {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}
REFUSED = told(413)


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["feeds"])

    @api.get("/opml", response_class=Response)
    def export(
        actor: Asking,
        keys: Annotated[bool, Query(description="with feeds whose address looks like a personal key")] = False,
    ) -> Response:
        """Titles, addresses and folders, no passwords. `CastMind-Left-Out` says how many feeds are out for want of `keys`."""
        body, left_out = services.imports.export(actor, keys=keys)
        headers = {
            "CastMind-Left-Out": str(left_out),
            "Cache-Control": "no-store",
            **disposition("CastMind", ".opml", download=True),
        }
        return Response(body, headers=headers, media_type=MEDIA_TYPE)

    @api.post("/opml", status_code=202, responses=REFUSED, openapi_extra=BODY)
    async def bring(
        actor: Asking,
        request: Request,
        backlog: Annotated[Count, Query(description="how many older episodes of each feed are transcribed")] = 0,
        auto_transcribe: Annotated[bool, Query(description="whether later episodes are, by themselves")] = True,
        name: Annotated[str, Query(max_length=300, description="what the file is called")] = "",
    ) -> Response:
        try:
            body = await _read(request, services.imports.most_bytes)
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED)  # the client has gone; nothing was kept
        begun = await anyio.to_thread.run_sync(
            lambda: services.imports.add_opml(actor, body, name=name, auto_transcribe=auto_transcribe, backlog=backlog)
        )
        location = str(request.url_for("one_import", import_id=begun.id).path)
        return JSONResponse(shape(begun), 202, {"Location": location})

    return api


async def _read(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge(f"A list of feeds is no larger than {most / 1e6:.0f} MB. Nothing was kept.", limit=most)
    return bytes(body)
