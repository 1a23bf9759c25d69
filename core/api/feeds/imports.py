"""Imports: addresses, typed or from a file, that become feeds.

POST /imports {url}    202: subscribed in the background, also to the feeds of a web page
POST /opml             the same for all feeds of a file (opml.py)
GET  /imports/ID       its progress;  …/lines each address;  …/report as CSV;  …/failed as OPML
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from core.api import schemas
from core.api.asking import Asking
from core.api.attachment import disposition
from core.api.bounds import Address, Count, Id
from core.api.services import Services
from core.domain.feeds.imports import Import, ImportLine, LineState


class NewImport(BaseModel):
    """A feed's address, or a web page's that offers one. Left out, the wishes are those of the settings."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=4000)]
    auto_transcribe: bool | None = None
    backlog: Count | None = None


class Choice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    urls: Annotated[list[Address], Field(min_length=1, max_length=100)]


def shape(row: Import) -> schemas.Json:
    """Return an import. `counts` are lines by state; `broken_at` is the line from which the file was not well-formed."""
    return {
        "id": row.id,
        "kind": row.kind.value,
        "name": row.name,
        "running": row.running,
        "total": row.total,
        "done": row.done,
        "counts": {state.value: row.counts.get(state, 0) for state in LineState},
        "auto_transcribe": row.auto_transcribe,
        "backlog": row.backlog,
        "broken_at": row.broken_at,
        "repeated": row.repeated,
        "created_at": schemas.moment(row.created_at),
        "finished_at": schemas.moment(row.finished_at),
        "cancelled_at": schemas.moment(row.cancelled_at),
    }


def line_shape(row: ImportLine) -> schemas.Json:
    return {
        "id": row.id,
        "number": row.number,
        "url": row.url,
        "title": row.title,
        "folder": row.folder,
        "state": row.state.value,
        "feed_id": row.feed_id,
        "error": dict(row.error) if row.error else None,
        "offers": [asdict(offer) for offer in row.offers],
        "tries": row.tries,
        "retry_at": schemas.moment(row.not_before) if row.state is LineState.WAITING else None,
    }


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["feeds"])
    imports = services.imports

    @api.get("/imports")
    def listing(actor: Asking) -> schemas.Json:
        """The newest first."""
        return {"items": [shape(row) for row in imports.listing(actor)]}

    @api.post("/imports", status_code=202)
    def add(actor: Asking, body: NewImport) -> schemas.Json:
        values = services.settings.values
        auto = values.auto_transcribe if body.auto_transcribe is None else body.auto_transcribe
        backlog = values.backlog if body.backlog is None else body.backlog
        return shape(imports.add_address(actor, body.url, auto_transcribe=auto, backlog=backlog))

    @api.post("/imports/lines/{line_id}/choice", status_code=202)
    def choose(actor: Asking, line_id: Id, body: Choice) -> schemas.Json:
        """Which of a line's `offers` are subscribed."""
        return shape(imports.choose(actor, line_id, body.urls))

    @api.get("/imports/{import_id}")
    def one_import(actor: Asking, import_id: Id) -> schemas.Json:
        return shape(imports.get(actor, import_id))

    @api.get("/imports/{import_id}/lines")
    def lines(
        actor: Asking,
        import_id: Id,
        state: LineState | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        offset: Annotated[Count, Query()] = 0,
    ) -> schemas.Json:
        """In the order of the file."""
        states = () if state is None else (state,)
        return {"items": [line_shape(row) for row in imports.lines(actor, import_id, *states, limit=limit, offset=offset)]}

    @api.get("/imports/{import_id}/report", response_class=Response)
    def report(actor: Asking, import_id: Id) -> Response:
        """What came of each line, as CSV; addresses are shown without what may be a key."""
        headers = disposition(f"CastMind import {import_id}", ".csv", download=True)
        # With a byte order mark, without which a spreadsheet assumes another encoding.
        return Response(f"\ufeff{imports.report(actor, import_id)}", headers=headers, media_type="text/csv; charset=utf-8")

    @api.get("/imports/{import_id}/failed", response_class=Response)
    def failed(actor: Asking, import_id: Id) -> Response:
        """What failed or was cancelled, as OPML to import again."""
        headers = disposition(f"CastMind import {import_id} failed", ".opml", download=True)
        return Response(imports.failed_opml(actor, import_id), headers=headers, media_type="text/x-opml")

    @api.post("/imports/{import_id}/cancel")
    def cancel(actor: Asking, import_id: Id) -> schemas.Json:
        """What was subscribed stays. 409 when it has finished."""
        return shape(imports.cancel(actor, import_id))

    @api.post("/imports/{import_id}/retry", status_code=202)
    def retry(actor: Asking, import_id: Id) -> schemas.Json:
        """Tries what failed or was cancelled once more. 409 when there is nothing such."""
        return shape(imports.retry(actor, import_id))

    @api.delete("/imports/{import_id}", status_code=204)
    def dismiss(actor: Asking, import_id: Id) -> None:
        """Forgets the import; the feeds stay. 409 while it runs."""
        imports.dismiss(actor, import_id)

    return api
