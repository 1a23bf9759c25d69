"""Quiet hours: when heavy work rests, and why it does now.

GET, PUT /quiet-hours     POST /quiet-hours/rest │ …/resume
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Words
from core.api.services import Services
from core.domain.accounts.actor import Actor
from core.domain.daily_window import DAY_MINUTES
from core.domain.schedules.quiet_hours import LONGEST_NAME, MOST_PROCESSES, MOST_WINDOWS

Minute = Annotated[int, Field(ge=0, lt=DAY_MINUTES)]
Day = Annotated[int, Field(ge=0, le=6)]
MOST_MINUTES = 30 * DAY_MINUTES


class WeeklyRest(BaseModel):
    """Days of the week on which it begins (0: Monday), and minutes since midnight; over midnight if it ends before it begins."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[list[Day], Field(min_length=1, max_length=7)]
    start: Minute
    end: Minute


class QuietChange(BaseModel):
    """What is left out stays. `zone`: "" for this computer's. `at_once`: what runs stops too, and keeps its finished parts."""

    model_config = ConfigDict(extra="forbid")

    windows: Annotated[list[WeeklyRest], Field(max_length=MOST_WINDOWS)] | None = None
    zone: Annotated[str, Field(max_length=100, examples=["Europe/Berlin"])] | None = None
    processes: Annotated[list[Annotated[Words, Field(max_length=LONGEST_NAME)]], Field(max_length=MOST_PROCESSES)] | None = None
    at_once: bool | None = None


class Rest(BaseModel):
    """For so many minutes, or until the graphics card has been idle for a minute: one of them."""

    model_config = ConfigDict(extra="forbid")

    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] | None = None
    until_idle: bool = False

    @model_validator(mode="after")
    def one_of_them(self) -> Rest:
        if (self.minutes is None) is not self.until_idle:
            raise ValueError("say minutes, or until_idle")
        return self


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["schedules"])
    quiet = services.quiet_hours

    def shape(actor: Actor) -> schemas.Json:
        rules, now, sight = asdict(quiet.rules(actor)), quiet.now(actor), quiet.sight(actor)
        rests = None if now is None else {"why": str(now.why), "key": now.why.key, "until": now.until}
        return rules | {"rests": rests, "sees": asdict(sight)}

    @api.get("/quiet-hours")
    def get(actor: Asking) -> schemas.Json:
        """The rules, `rests` (why heavy work rests and until when; null if it does not), and what rules can be about here."""
        return shape(actor)

    @api.put("/quiet-hours")
    def change(actor: Asking, body: QuietChange) -> schemas.Json:
        quiet.change(actor, **body.model_dump(mode="json", exclude_none=True))
        return shape(actor)

    @api.post("/quiet-hours/rest")
    def rest(actor: Asking, body: Rest) -> schemas.Json:
        if body.minutes is not None:
            quiet.rest_until(actor, time.time() + 60.0 * body.minutes)
        else:
            quiet.rest_until_idle(actor)
        return shape(actor)

    @api.post("/quiet-hours/resume")
    def resume(actor: Asking) -> schemas.Json:
        """Rules that hold now count again once they have not held."""
        quiet.resume(actor)
        return shape(actor)

    return api
