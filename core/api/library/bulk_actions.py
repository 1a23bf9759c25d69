"""Apply an action to many episodes; tags.

POST /episodes/bulk   {action, episode_ids or filter, tag?} ─▶ {changed, skipped}
                      background: true, very many           ─▶ 202 {task}: in batches, with progress under /tasks
"""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import JSONResponse

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.jobs.tasks import shape
from core.api.library.episodes import Wanted
from core.api.services import Services
from core.services.library.bulk_actions import Which
from core.services.library.bulk_task import at_once, batch_of

TagName = Annotated[str, Field(min_length=1, max_length=100)]


BACKGROUND = (
    "More episodes than a request should wait for are changed by a task, named by the answer (202) in the place of the numbers."
    " Either answer then has `episode_ids`, those that were meant."
)


class Action(StrEnum):
    TRANSCRIBE = "transcribe"
    RETRY = "retry"
    CANCEL = "cancel"
    STAR = "star"
    UNSTAR = "unstar"
    READ = "read"
    UNREAD = "unread"
    TAG = "tag"
    UNTAG = "untag"
    DELETE = "delete"
    RESTORE = "restore"
    PURGE = "purge"


class Bulk(BaseModel):
    """Which episodes: by their ids, or all that a filter means. `tag` is the name to put on, `tag_id` what to take off."""

    model_config = ConfigDict(extra="forbid")

    action: Action
    episode_ids: Annotated[list[Id], Field(max_length=100_000)] | None = None
    filter: Wanted | None = None
    tag: TagName | None = None
    tag_id: Id | None = None
    background: Annotated[bool, Field(description=BACKGROUND)] = False

    @model_validator(mode="after")
    def _complete(self) -> Bulk:
        if (self.episode_ids is None) == (self.filter is None):
            raise ValueError("name either episode_ids or a filter")
        if self.action is Action.TAG and self.tag is None:
            raise ValueError("tag needs the name of a tag")
        if self.action is Action.UNTAG and self.tag is None and self.tag_id is None:
            raise ValueError("untag needs a tag_id, or the name of a tag")
        return self

    @property
    def which(self) -> Which:
        return self.filter.filter() if self.filter else self.episode_ids or []

    @property
    def named(self) -> dict[str, Any]:
        """The arguments of the action besides the episodes."""
        return {"tag": self.tag or "", "tag_id": self.tag_id or 0}


class TagBody(BaseModel):
    name: TagName


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])
    selection = services.bulk_actions

    @api.post("/episodes/bulk", response_model=schemas.Json, responses={202: {"description": "Begun as a task"}})
    def bulk(actor: Asking, body: Bulk) -> Any:
        """`changed`: to how many it was done; `skipped`: to how many it did not apply."""
        action = body.action.value
        if not body.background:
            return asdict(selection.act(actor, action, body.which, **body.named))
        meant = selection.ids(actor, body.which)
        if len(meant) <= at_once(action):
            return {**asdict(selection.act(actor, action, meant, **body.named)), "episode_ids": meant}
        task = services.bulk_tasks.begin(actor, action, meant, batch=batch_of(action), **body.named)
        return JSONResponse({"task": shape(task), "episode_ids": meant}, 202)

    @api.get("/tags")
    def tags(actor: Asking) -> schemas.Json:
        return {"items": [schemas.tag_count(row) for row in selection.tags(actor)]}

    @api.post("/tags", status_code=201)
    def create(actor: Asking, body: TagBody) -> schemas.Json:
        """The tag of that name, which may be there already."""
        return schemas.tag_count(selection.create_tag(actor, body.name))

    @api.patch("/tags/{tag_id}")
    def rename(actor: Asking, tag_id: Id, body: TagBody) -> schemas.Json:
        return schemas.tag_count(selection.rename_tag(actor, tag_id, body.name))

    @api.delete("/tags/{tag_id}", status_code=204)
    def remove(actor: Asking, tag_id: Id) -> None:
        """The episodes stay."""
        selection.remove_tag(actor, tag_id)

    return api
