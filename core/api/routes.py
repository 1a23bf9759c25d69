"""All routes of CastMind besides its pages.

    /health, /health/startup, /health/live, /health/ready; /metrics
    /api/v1/…                 a module a resource; errors as problem details (problems.py)
    /api/v1/openapi.json      the contract; /api/docs shows it

A new resource gets a module with `router(services)` and a line in RESOURCES.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount

from core.api import contract, problems
from core.api.accounts import accounts, audit
from core.api.feeds import discovery, feeds, imports, opml, refresh, removed_feeds
from core.api.jobs import jobs, tasks
from core.api.library import bulk_actions, covers, episodes, exports, retention, statistics, tus
from core.api.notify import notifications
from core.api.reading import annotations as annotated
from core.api.reading import audio, clips, highlights, note_versions, notes, publisher_extras, summary, transcript, waveform
from core.api.schedules import quiet_hours, schedules
from core.api.search import quick_search, search
from core.api.server.patience import LockPatience
from core.api.services import Services
from core.api.settings import settings
from core.api.system import backups, docs, doctor, health, incidents, logs, metrics

# Paths with a fixed word come before those with `{episode_id}` in the same place.
LIBRARY = (
    bulk_actions,
    retention,
    episodes,
    audio,
    covers,
    clips,
    waveform,
    publisher_extras,
    transcript,
    highlights,
    annotated,
    summary,
    note_versions,
    notes,
)
FEEDS = (feeds, removed_feeds, refresh, discovery, imports, opml)
WORK = (jobs, tasks, quiet_hours, schedules, quick_search, search)
ACCOUNTS = (accounts, audit)
SYSTEM = (statistics, backups, doctor, incidents, logs)
RESOURCES = (*LIBRARY, tus, exports, *FEEDS, *WORK, *ACCOUNTS, settings, notifications, *SYSTEM)


def routes(services: Services) -> list[BaseRoute]:
    """Build the routes as closures.

    A Streamlit app keeps lifespan state to itself, so routes cannot look services up in a request.
    """
    return [*health.routes(services), *metrics.routes(services), Mount("/api", app=_api(services))]


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
    app.add_middleware(LockPatience)
    for resource in RESOURCES:
        app.include_router(resource.router(services), prefix="/v1")
    app.include_router(docs.router())
    return app
