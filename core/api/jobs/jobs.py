"""The queue: running, waiting and failed jobs; cancel, retry, pause, resume, and reorder episodes."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.contract import told
from core.api.json_answers import answer
from core.api.services import Services
from core.domain.jobs.job import State


class Order(BaseModel):
    episode_id: Id
    to: Literal["first", "last"]


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["jobs"])
    queue = services.queue

    @api.get("/jobs", response_model=schemas.Json, responses=told(304))
    def listing(
        actor: Asking,
        request: Request,
        state: Annotated[list[State] | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> Response:
        """Running first, then in the order of the queue. `state` may be given more than once."""
        counts = {each.value: number for each, number in queue.counts(actor).items()}
        return answer(
            request, {"items": [schemas.job_row(row) for row in queue.jobs(actor, state, limit=limit)], "counts": counts}
        )

    @api.get("/jobs/{job_id}")
    def one(actor: Asking, job_id: Id) -> schemas.Json:
        return schemas.job(queue.job(actor, job_id))

    @api.post("/jobs/{job_id}/cancel")
    def cancel(actor: Asking, job_id: Id) -> schemas.Json:
        return schemas.job(queue.cancel(actor, job_id))

    @api.post("/jobs/{job_id}/retry")
    def retry(actor: Asking, job_id: Id) -> schemas.Json:
        return schemas.job(queue.retry(actor, job_id))

    @api.get("/queue")
    def state(actor: Asking) -> schemas.Json:
        """Jobs by state, and whether the queue is paused."""
        counts = {each.value: number for each, number in queue.counts(actor).items()}
        return {"paused": queue.paused(actor), "counts": counts, "episodes": queue.episodes_at_work(actor)}

    @api.post("/queue/pause")
    def pause(actor: Asking) -> schemas.Json:
        """What runs goes back to the queue with what it has finished; nothing begins until `resume`."""
        queue.pause(actor)
        return state(actor)

    @api.post("/queue/resume")
    def resume(actor: Asking) -> schemas.Json:
        queue.resume(actor)
        return state(actor)

    @api.post("/queue/order", status_code=204)
    def order(actor: Asking, body: Order) -> None:
        """Puts the work on an episode before or after all other that is queued."""
        if body.to == "first":
            queue.put_first(actor, body.episode_id)
        else:
            queue.put_last(actor, body.episode_id)

    return api
