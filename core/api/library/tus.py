"""Resumable uploads by the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload), for which many clients exist.

    POST   /uploads        Upload-Length, Upload-Metadata ─▶ 201, Location; a body contains the first bytes
    HEAD   /uploads/{id}   ─▶ Upload-Offset: where to continue
    PATCH  /uploads/{id}   Upload-Offset, bytes ─▶ 204, Upload-Offset; with the last byte the file becomes an episode
    DELETE /uploads/{id}   ─▶ 204, everything is deleted
    GET    /uploads        unfinished uploads, for users (not part of the protocol)

The metadata contains the file name (`filename`), optionally its `title`, `language` and `model`, and a `fingerprint` by which the
sender recognises the file. The response to a complete upload names the episode in CastMind-Episode, and tells in CastMind-Known
whether its bytes existed before.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Count
from core.api.contract import told
from core.api.library.episodes import CLIENT_CLOSED
from core.api.services import Services
from core.domain.accounts.actor import Actor
from core.domain.episodes.upload import Upload
from core.errors import CastMindError, UserError

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration"
BYTES = "application/offset+octet-stream"
CLIENT = Path(__file__).parent / "tus-js-client" / "tus.min.js"
WORDS = 16
WORD_LENGTH = 2000


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["uploads"])
    uploads = services.uploads

    async def heard(actor: Actor, stream: AsyncIterator[bytes], work: Callable[[], Awaitable[Upload]]) -> Upload | None:
        """Return the result of `work`; None if the client has gone.

        An error response waits until the client has finished sending.
        """
        try:
            try:
                return await work()
            except CastMindError:
                await uploads.drain(actor, stream)
                raise
        except ClientDisconnect:
            return None

    @api.options("/uploads", status_code=204)
    @api.options("/uploads/{upload_id}", status_code=204)
    async def abilities(actor: Asking) -> Response:
        """What of the protocol is spoken here."""
        most = await run_in_threadpool(uploads.most_bytes, actor)
        told = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(most)}
        return Response(status_code=204, headers={"Tus-Resumable": VERSION, **told})

    @api.get("/uploads")
    def unfinished(actor: Asking) -> schemas.Json:
        """Uploads that wait for the rest of their file. `active`: bytes are arriving now."""
        return {"items": [row(upload, active=active) for upload, active in uploads.listing(actor)]}

    @api.post("/uploads", status_code=201, dependencies=[Depends(spoken)], responses=told(412, 413, 415, 429))
    async def create(
        actor: Asking,
        request: Request,
        upload_length: Annotated[Count, Header()],
        upload_metadata: Annotated[str, Header()] = "",
        content_type: Annotated[str, Header()] = "",
    ) -> Response:
        """Begins an upload of `Upload-Length` bytes. A body of type application/offset+octet-stream is its beginning."""

        stream = request.stream()

        async def begin() -> Upload:
            return await uploads.begin(actor, upload_length, metadata(upload_metadata), stream if content_type == BYTES else None)

        upload = await heard(actor, stream, begin)
        if upload is None:
            return Response(status_code=CLIENT_CLOSED)
        place = request.url_for("one_upload", upload_id=upload.id).path
        return Response(status_code=201, headers={"Location": place, **state(upload)})

    @api.head("/uploads/{upload_id}", name="one_upload", dependencies=[Depends(spoken)], responses=told(412, 415))
    async def look(actor: Asking, request: Request, upload_id: str) -> Response:
        """How much is here. An upload that is whole and not taken in yet, because the server was stopped, is taken in now."""
        # A request that was given up and is handled late would take the upload over from its sender's next one.
        if await request.is_disconnected():
            return Response(status_code=CLIENT_CLOSED)
        upload = await uploads.look(actor, upload_id)
        return Response(headers={"Cache-Control": "no-store", "Upload-Length": str(upload.length), **state(upload)})

    @api.patch("/uploads/{upload_id}", status_code=204, dependencies=[Depends(spoken)], responses=told(412, 415))
    async def append(
        actor: Asking,
        request: Request,
        upload_id: str,
        upload_offset: Annotated[Count, Header()],
        content_type: Annotated[str, Header()] = "",
    ) -> Response:
        """The bytes from `Upload-Offset` on. However the connection ends, what came is kept."""
        if content_type != BYTES:
            raise HTTPException(415, f"the body must be {BYTES}")
        stream = request.stream()
        upload = await heard(actor, stream, partial(uploads.append, actor, upload_id, upload_offset, stream))
        return Response(status_code=204, headers=state(upload)) if upload else Response(status_code=CLIENT_CLOSED)

    @api.delete("/uploads/{upload_id}", status_code=204, dependencies=[Depends(spoken)], responses=told(412))
    async def cancel(actor: Asking, upload_id: str) -> Response:
        """Ends the upload; nothing of it is kept."""
        await uploads.cancel(actor, upload_id)
        return Response(status_code=204, headers={"Tus-Resumable": VERSION})

    @api.get("/uploads/client.js", include_in_schema=False)
    def client() -> FileResponse:
        """tus-js-client, for the pages' uploader."""
        return FileResponse(CLIENT, media_type="text/javascript; charset=utf-8", headers={"Cache-Control": "max-age=86400"})

    return api


def spoken(tus_resumable: Annotated[str, Header()] = "") -> None:
    """Check the protocol version, which every request names."""
    if tus_resumable != VERSION:
        raise HTTPException(412, f"Tus-Resumable must be {VERSION}", {"Tus-Version": VERSION})


def row(upload: Upload, *, active: bool) -> schemas.Json:
    return {
        "id": upload.id,
        "filename": upload.filename,
        "length": upload.length,
        "offset": upload.offset,
        "fingerprint": upload.words.get("fingerprint"),
        "active": active,
        "created_at": schemas.moment(upload.created_at),
        "expires_at": schemas.moment(upload.expires_at),
    }


def state(upload: Upload) -> dict[str, str]:
    """Return the headers of every response about an upload."""
    headers = {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": formatdate(upload.expires_at, usegmt=True),
    }
    if upload.outcome:
        headers["CastMind-Episode"] = str(upload.outcome.episode_id)
        headers["CastMind-Known"] = "false" if upload.outcome.created else "true"
    return headers


def metadata(header: str) -> dict[str, str]:
    """Parse `filename d29ybGQ,title …`: keys with base64 values. Raises UserError."""
    pairs = [pair.split() for pair in header.split(",") if pair.strip()]
    if len(pairs) > WORDS or any(len(pair) > 2 for pair in pairs):
        raise _unreadable()
    try:
        return {pair[0]: base64.b64decode("".join(pair[1:]), validate=True).decode("utf-8")[:WORD_LENGTH] for pair in pairs}
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _unreadable() from error


def _unreadable() -> UserError:
    return UserError("The header Upload-Metadata is not made of pairs of a key and a value in base64. Nothing was kept.")
