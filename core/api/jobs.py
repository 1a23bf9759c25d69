"""The queue: what runs, waits, failed; cancel and retry."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from core.api import wire
from core.api.services import Services
from core.domain.job import State


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["jobs"])
    queue = services.queue

    @api.get("/jobs")
    def listing(
        state: Annotated[list[State] | None, Query()] = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200
    ) -> wire.Json:
        """Running first, then in the order of the queue. `state` may be given more than once."""
        counts = {each.value: number for each, number in queue.counts().items()}
        return {"items": [wire.job_row(row) for row in queue.jobs(state, limit=limit)], "counts": counts}

    @api.get("/jobs/{job_id}")
    def one(job_id: int) -> wire.Json:
        return wire.job(queue.job(job_id))

    @api.post("/jobs/{job_id}/cancel")
    def cancel(job_id: int) -> wire.Json:
        return wire.job(queue.cancel(job_id))

    @api.post("/jobs/{job_id}/retry")
    def retry(job_id: int) -> wire.Json:
        return wire.job(queue.retry(job_id))

    return api
