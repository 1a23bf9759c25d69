"""Find podcasts: by words in a directory, or on a web page. Both are POST, so that pages of other websites cannot trigger them.

POST /discovery/search {words, directory}    the words are sent to that directory
POST /discovery/page   {url}
GET  /discovery/covers/TOKEN                 a result's picture, fetched by this server
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from core.api import schemas
from core.api.asking import Asking
from core.api.library.covers import sent
from core.api.server.outbound import outbound
from core.api.services import Services
from core.domain.feeds.imports import Which
from core.services.feeds.discovery import FoundShows


class Words(BaseModel):
    """Left out, `directory` is the first one that the settings allow."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, Field(min_length=1, max_length=200)]
    directory: Which | None = None


class Page(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=4000)]


def shape(row: FoundShows) -> schemas.Json:
    """Return a result. `feed_id`: the existing subscription; `cover`: a path on this server."""
    return {**asdict(row.candidate), "feed_id": row.feed_id, "cover": f"/api/v1/discovery/covers/{row.cover}"}


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["feeds"])
    discovery = services.discovery

    @api.get("/discovery")
    def directories() -> schemas.Json:
        """The directories that can be searched."""
        return {"directories": [which.value for which in discovery.directories]}

    @api.post("/discovery/search")
    @outbound
    def search(actor: Asking, body: Words) -> schemas.Json:
        """503 `network_unreachable` or `directory_unavailable` when there is no answer."""
        return {"items": [shape(row) for row in discovery.search(actor, body.words, body.directory)]}

    @api.post("/discovery/page")
    @outbound
    def page(actor: Asking, body: Page) -> schemas.Json:
        """The feeds that a web page offers; a feed's own address gives that feed."""
        return {"items": [shape(row) for row in discovery.on_page(actor, body.url)]}

    @api.get("/discovery/covers/{token}", response_class=Response)
    @outbound
    def cover(actor: Asking, request: Request, token: str) -> Response:
        """WebP; an SVG with the title's initial where there is none. 404 for what is not among the last results."""
        return sent(request, discovery.cover(actor, token))

    return api
