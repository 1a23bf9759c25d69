"""Export many episodes: as a zip that is streamed while it is made, or one that is made in the background.

POST /exports {episode_ids, formats}     GET /exports?ids=1,2&formats=md,pdf (for a link)
POST /bundles {episode_ids or filter, formats} ─▶ GET /bundles/{id} (its progress) ─▶ GET /bundles/{id}/file    DELETE stops it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from starlette.responses import Response, StreamingResponse

from core.api import schemas
from core.api.asking import Asking
from core.api.attachment import disposition
from core.api.bounds import Id
from core.api.files import ANSWERS, SentFile
from core.api.library.episodes import Wanted as Chosen
from core.api.services import Services
from core.domain.accounts.actor import Actor
from core.domain.episodes.export_form import Form
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import NotFound, UserError
from core.services.library.export_archives import file
from core.services.library.export_task import ExportTask
from core.services.library.exports import MOST

NUMBERS = TypeAdapter(list[Id])
# The names of these states in the contract.
STATES = {State.QUEUED: "running", State.CANCELLED: "stopped"}


class Wanted(BaseModel):
    episode_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST)]
    formats: Annotated[list[Form], Field(min_length=1)]


class Bundle(BaseModel):
    """Which episodes: by their ids, or all that a filter means."""

    model_config = ConfigDict(extra="forbid")

    episode_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST)] | None = None
    filter: Chosen | None = None
    formats: Annotated[list[Form], Field(min_length=1)]

    @model_validator(mode="after")
    def _complete(self) -> Bundle:
        if (self.episode_ids is None) == (self.filter is None):
            raise ValueError("name either episode_ids or a filter")
        return self


def base_of(request: Request) -> str:
    """Return the base URL of the pages, under the host name of the request."""
    return f"{request.url.scheme}://{request.url.netloc}"


def page_address(request: Request) -> Callable[[int], str]:
    """Return a function that gives the URL of an episode's page."""
    base = base_of(request)
    return lambda episode_id: f"{base}/episode?id={episode_id}"


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["exports"])

    def send(actor: Actor, request: Request, ids: Sequence[int], formats: Sequence[Form | str]) -> Response:
        now = datetime.now(UTC)
        pieces = services.exports.bundle(actor, ids, formats, now=now, page=page_address(request))
        headers = {"Cache-Control": "no-store", **disposition(f"CastMind {now:%Y-%m-%d %H%M}", ".zip", download=True)}
        return StreamingResponse(pieces, headers=headers, media_type="application/zip")

    @api.post("/exports", response_class=Response)
    def export(actor: Asking, request: Request, wanted: Wanted) -> Response:
        """A zip with a file for each episode and format; `not-exported.txt` in it names what could not be written, and why."""
        return send(actor, request, wanted.episode_ids, wanted.formats)

    @api.get("/exports", response_class=Response)
    def linked(
        actor: Asking,
        request: Request,
        ids: Annotated[str, Query(description="episode ids, with commas between", max_length=20_000)],
        formats: Annotated[str, Query(description="formats, with commas between")] = "md",
    ) -> Response:
        """The same for a link in a page."""
        try:
            numbers = NUMBERS.validate_python(ids.split(","))
        except ValidationError as error:
            raise UserError(f"The ids are numbers with commas between, not {ids[:50]!r}.") from error
        return send(actor, request, numbers, [part for part in formats.split(",") if part])

    _bundles(api, services)
    return api


def _bundles(api: APIRouter, services: Services) -> None:
    @api.post("/bundles", status_code=202)
    def begin(actor: Asking, request: Request, wanted: Bundle) -> schemas.Json:
        """`{id, state, total, done, exported, file}`; `state` is running, done, stopped or failed."""
        chosen = wanted.filter.filter() if wanted.filter else wanted.episode_ids or []
        ids = services.bulk_actions.ids(actor, chosen)
        return _told(services.export_archives.begin(actor, ids, wanted.formats, now=datetime.now(UTC), base=base_of(request)))

    @api.get("/bundles/{number}")
    def look(actor: Asking, number: Id) -> schemas.Json:
        return _told(_task(services, actor, number))

    @api.delete("/bundles/{number}", status_code=204)
    def stop(actor: Asking, number: Id) -> None:
        """Stops it, or takes a finished one away."""
        task = _task(services, actor, number)
        if not task.finished:
            services.tasks.cancel(actor, task.id)
            return
        services.tasks.forget(actor, task.id)
        if name := file(task):
            services.export_archives.remove(actor, name)

    @api.get("/bundles/{number}/file", response_class=Response, responses=ANSWERS)
    def fetch(actor: Asking, number: Id) -> Response:
        """The zip, with Range; there for a day."""
        path = services.export_archives.path(actor, file(_task(services, actor, number)))
        headers = {"Cache-Control": "no-store", **disposition(path.stem, ".zip", download=True)}
        return SentFile(path, media_type="application/zip", headers=headers)


def _task(services: Services, actor: Actor, number: int) -> Task:
    task = services.tasks.get(actor, number)
    if task.kind != ExportTask.name:
        raise NotFound(f"There is no export {number}.", id=number)
    return task


def _told(task: Task) -> schemas.Json:
    return {
        "id": task.id,
        "state": STATES.get(task.state, task.state.value),
        "total": task.total,
        "done": task.done,
        "exported": task.detail.get("exported", 0),
        "error": dict(task.error) if task.error else None,
        "file": f"/api/v1/bundles/{task.id}/file" if file(task) else None,
    }
