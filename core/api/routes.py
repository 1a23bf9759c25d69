"""All that CastMind answers besides its pages.

    /health, /health/live, /health/ready
    /api/v1/…                 a module a resource; errors as problem details (problems.py)
    /api/v1/openapi.json      the contract; /api/docs shows it

A new resource gets a module with `router(services)` and a line in RESOURCES.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount

from core.api import annotations as annotated
from core.api import (
    audio,
    backups,
    clips,
    contract,
    covers,
    discovery,
    docs,
    episodes,
    exports,
    feeds,
    health,
    imports,
    jobs,
    keeping,
    notebook,
    notes,
    opml,
    problems,
    refreshing,
    removed_feeds,
    search,
    selection,
    settings,
    statistics,
    summary,
    supplied,
    transcript,
    tus,
)
from core.api.patience import Patience
from core.api.services import Services

# A path with a fixed word stands before the one that has `{episode_id}` in its place.
LIBRARY = (selection, keeping, episodes, audio, covers, clips, supplied, transcript, annotated, summary, notebook, notes)
FEEDS = (feeds, removed_feeds, refreshing, discovery, imports, opml)
RESOURCES = (*LIBRARY, tus, exports, *FEEDS, jobs, search, settings, statistics, backups)


def routes(services: Services) -> list[BaseRoute]:
    """Built by closure: a Streamlit app keeps lifespan state to itself, so routes cannot look services up in a request."""
    return [*health.routes(services), Mount("/api", app=_api(services))]


def _api(services: Services) -> FastAPI:
    app = FastAPI(
        title="CastMind",
        version=services.version,
        description="Everything that the pages can do. Errors are RFC 9457 problem details with a stable `code`.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    contract.install(app)
    app.add_middleware(Patience)
    for resource in RESOURCES:
        app.include_router(resource.router(services), prefix="/v1")
    app.include_router(docs.router())
    return app
