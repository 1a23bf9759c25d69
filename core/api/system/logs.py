"""The logs: search, download, levels.

GET /logs            newest first, a page at a time         GET /logs/download   JSON lines
GET /logs/levels     PUT /logs/levels/{module}              DELETE /logs/levels/{module}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.services import Services
from core.domain.log_kinds import LogKind
from core.ops.logs.log_query import MOST, LogCursor, LogQuery

FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}}
LevelName = Literal["debug", "info", "warning", "error", "critical"]
Module = Annotated[str, Field(max_length=600)]


class LevelWish(BaseModel):
    """`seconds`: how long it holds; null keeps it."""

    model_config = ConfigDict(extra="forbid")

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    seconds: Annotated[float, Field(gt=0, le=7 * 86_400)] | None = None


def asked(
    kind: Annotated[list[LogKind], Query(max_length=5)] = [],  # noqa: B006  FastAPI copies it
    level: LevelName = "debug",
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    text: Annotated[str, Query(max_length=200)] = "",
    request_id: Annotated[str, Query(max_length=64)] = "",
    job_id: Id | None = None,
    episode_id: Id | None = None,
    feed_id: Id | None = None,
    user_id: Id | None = None,
) -> LogQuery:
    return LogQuery(tuple(kind), level, _seconds(since), _seconds(until), text, request_id, job_id, episode_id, feed_id, user_id)


Asked = Annotated[LogQuery, Depends(asked)]


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["logs"])

    @api.get("/logs")
    def search(
        actor: Asking,
        query: Asked,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
        cursor: Annotated[str | None, Query(max_length=60)] = None,
    ) -> schemas.Json:
        """Lines that fit all of what is asked, newest first. `level` is the least one; `text` is in any value, case of A-Z aside.

        `cursor` goes on behind them, null at the end. `reached` is set where the search took too long: it looked back to then.
        """
        page = services.logs.search(actor, query, limit=limit, cursor=LogCursor.parse(cursor) if cursor else None)
        return {"items": page.lines, "cursor": str(page.cursor) if page.cursor else None, "reached": page.reached}

    @api.get("/logs/download", response_class=StreamingResponse, responses=FILE)
    def download(actor: Asking, query: Asked) -> StreamingResponse:
        """The lines as one file of JSON lines, newest first; 50,000 at most."""
        headers = {"Content-Disposition": 'attachment; filename="castmind-logs.jsonl"'}
        return StreamingResponse(services.logs.download(actor, query), media_type="application/x-ndjson", headers=headers)

    @api.get("/logs/levels")
    def levels(actor: Asking) -> schemas.Json:
        """Modules with a level of their own; `until` is null for those that are kept."""
        rows = [asdict(row) | {"until": schemas.moment(row.until)} for row in services.logs.levels(actor)]
        return {"general": services.settings.values.log_level, "items": rows}

    @api.put("/logs/levels/{module}")
    def set_level(actor: Asking, module: Module, body: LevelWish) -> schemas.Json:
        """How much a module, and all below it, logs from now on."""
        return _then(partial(services.logs.set_level, actor, module, body.level, seconds=body.seconds), levels, actor)

    @api.delete("/logs/levels/{module}")
    def reset_level(actor: Asking, module: Module) -> schemas.Json:
        """The module logs as the rest does."""
        return _then(partial(services.logs.reset_level, actor, module), levels, actor)

    return api


def _then(change: Callable[[], None], listing: Callable[[Asking], schemas.Json], actor: Asking) -> schemas.Json:
    change()
    return listing(actor)


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
