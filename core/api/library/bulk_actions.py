"""Apply an action to many episodes; tags.

POST /episodes/bulk   {action, episode_ids or filter, tag?} ─▶ {changed, skipped}
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.library.episodes import Wanted
from core.api.services import Services
from core.services.library.bulk_actions import Which

TagName = Annotated[str, Field(min_length=1, max_length=100)]


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

    @model_validator(mode="after")
    def _complete(self) -> Bulk:
        if (self.episode_ids is None) == (self.filter is None):
            raise ValueError("name either episode_ids or a filter")
        if (self.action is Action.TAG and self.tag is None) or (self.action is Action.UNTAG and self.tag_id is None):
            raise ValueError("tag needs the name of a tag, untag a tag_id")
        return self


class TagBody(BaseModel):
    name: TagName


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])
    selection = services.bulk_actions

    @api.post("/episodes/bulk")
    def bulk(actor: Asking, body: Bulk) -> schemas.Json:
        """`changed`: to how many it was done; `skipped`: to how many it did not apply."""
        which: Which = body.filter.filter() if body.filter else body.episode_ids or []
        done = selection.act(actor, body.action.value, which, tag=body.tag or "", tag_id=body.tag_id or 0)
        return {"changed": done.changed, "skipped": done.skipped}

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
