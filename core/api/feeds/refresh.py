"""Poll feeds now, in the background.

POST /refreshes {feed_ids}   these, or all if none are named ─▶ GET /refreshes shows the progress ─▶ POST /refreshes/cancel
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.services import Services
from core.services.feeds.refresh import Refresh


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    feed_ids: Annotated[list[Id], Field(min_length=1, max_length=20_000)] | None = None


def shape(state: Refresh) -> schemas.Json:
    """Return the state, counted since the queue was last empty: `new` episodes, feeds that `failed`. `waiting` are ids."""
    return {
        "running": state.running,
        "total": state.total,
        "done": state.done,
        "new": state.new,
        "failed": state.failed,
        "waiting": sorted(state.waiting),
    }


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["feeds"])
    refresh = services.refresh

    @api.get("/refreshes")
    def state(actor: Asking) -> schemas.Json:
        return shape(refresh.state(actor))

    @api.post("/refreshes", status_code=202)
    def ask(actor: Asking, body: Wanted | None = None) -> schemas.Json:
        """What came of each stands at the feeds themselves."""
        return shape(refresh.ask(actor, (body or Wanted()).feed_ids))

    @api.post("/refreshes/cancel")
    def cancel(actor: Asking) -> schemas.Json:
        """What was read stays read."""
        return shape(refresh.cancel(actor))

    return api
