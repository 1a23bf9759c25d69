"""What happens by itself: schedules, their history, and what an expression means.

GET, POST /schedules     GET /schedules/preview?cron=0 3 * * *&zone=Europe/Berlin
GET, PATCH, DELETE /schedules/{id}     POST …/run │ …/restore     GET …/runs
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id, Words
from core.api.services import Services
from core.domain.schedules.schedule import Missed, SchedulePriority, ScheduleRun
from core.services.schedules.schedule_service import MOST_RETRIES, ScheduleRow

Expression = Annotated[str, Field(max_length=200, examples=["0 3 * * *"])]
Zone = Annotated[str, Field(max_length=100, examples=["Europe/Berlin"])]
Name = Annotated[str, Field(max_length=1000)]
Retries = Annotated[int, Field(ge=0, le=MOST_RETRIES)]
Wait = Annotated[float, Field(ge=10, le=86_400)]


class ScheduleChange(BaseModel):
    """What is left out stays. `missed`: whether times at which the computer was off are made up for once, or skipped."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    cron: Expression | None = None
    zone: Zone | None = None
    paused: bool | None = None
    priority: SchedulePriority | None = None
    missed: Missed | None = None
    retries: Retries | None = None
    retry_seconds: Wait | None = None
    parameters: dict[Words, Any] | None = None


class NewSchedule(ScheduleChange):
    """`kind`: transcribe, refresh, backup, retry_failed or export, each with its own parameters."""

    kind: Annotated[str, Field(max_length=40)]
    cron: Expression


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["schedules"])
    schedules = services.schedules

    @api.get("/schedules")
    def listing(actor: Asking) -> schemas.Json:
        """Built-in ones first, then a person's own."""
        return {"items": [shape(row) for row in schedules.listing(actor)], "kinds": schedules.own_kinds(actor)}

    @api.post("/schedules", status_code=201)
    def create(actor: Asking, body: NewSchedule) -> schemas.Json:
        values = body.model_dump(mode="json", exclude_none=True)
        return shape(schedules.create(actor, values.pop("kind"), values.pop("cron"), **values))

    @api.get("/schedules/preview")
    def preview(
        actor: Asking, cron: Annotated[str, Query(max_length=200)], zone: Annotated[str, Query(max_length=100)] = ""
    ) -> schemas.Json:
        """The expression in plain words, and its next five times (Unix seconds), in the zone or in that of this computer."""
        found = schedules.preview(actor, cron, zone)
        return {"words": str(found.words), "times": list(found.times)}

    @api.get("/schedules/{schedule_id}")
    def one(actor: Asking, schedule_id: Id) -> schemas.Json:
        return shape(schedules.get(actor, schedule_id))

    @api.patch("/schedules/{schedule_id}")
    def change(actor: Asking, schedule_id: Id, body: ScheduleChange) -> schemas.Json:
        return shape(schedules.change(actor, schedule_id, **body.model_dump(mode="json", exclude_none=True)))

    @api.delete("/schedules/{schedule_id}", status_code=204)
    def remove(actor: Asking, schedule_id: Id) -> None:
        """For a day, it can be restored."""
        schedules.remove(actor, schedule_id)

    @api.post("/schedules/{schedule_id}/restore")
    def restore(actor: Asking, schedule_id: Id) -> schemas.Json:
        return shape(schedules.restore(actor, schedule_id))

    @api.post("/schedules/{schedule_id}/run", status_code=202)
    def run(actor: Asking, schedule_id: Id) -> schemas.Json:
        """409 while a run of it is under way."""
        return run_shape(schedules.run(actor, schedule_id))

    @api.get("/schedules/{schedule_id}/runs")
    def runs(actor: Asking, schedule_id: Id, limit: Annotated[int, Query(ge=1, le=50)] = 50) -> schemas.Json:
        """Newest first; the newest fifty are kept."""
        return {"items": [run_shape(each) for each in schedules.runs(actor, schedule_id, limit=limit)]}

    return api


def shape(row: ScheduleRow) -> schemas.Json:
    found = asdict(row.schedule)
    del found["deleted_at"]
    last = run_shape(row.last) if row.last else None
    return found | {"parameters": dict(row.schedule.parameters), "words": str(row.words), "running": row.running, "last": last}


def run_shape(run: ScheduleRun) -> schemas.Json:
    return asdict(run) | {"lines": list(run.lines)}
