"""Subscriptions: list, add, change, remove, refresh."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Address, Count, Id
from core.api.feeds.feed_credentials import AccessGiven
from core.api.library import retention
from core.api.server.outbound import outbound
from core.api.services import Services
from core.domain.accounts.actor import Actor

Backlog = Count
Folder = Annotated[str, Field(max_length=1000, description="names with / between them, as in News/Tech; empty for none")]


class NewFeed(BaseModel):
    """Left out, `auto_transcribe` and `backlog` are those of the settings.

    `anyway`: also when the show is subscribed at another address.
    """

    url: Address
    auto_transcribe: bool | None = None
    backlog: Backlog | None = None
    access: AccessGiven | None = None
    folder: Folder = ""
    anyway: bool = False


class FeedChange(BaseModel):
    """`access: null` forgets the feed's credentials. `url` is read first; `anyway`: also where it holds none of the episodes."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    auto_transcribe: bool | None = None
    backlog: Backlog | None = None
    folder: Folder | None = None
    keep: retention.Keep | None = None
    access: AccessGiven | None = None
    url: Annotated[Address, Field(min_length=1)] | None = None
    anyway: bool = False


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["feeds"])
    subscriptions = services.subscriptions

    @api.get("/feeds")
    def listing(actor: Asking) -> schemas.Json:
        return {"items": [schemas.feed(row) for row in subscriptions.listing(actor)]}

    @api.post("/feeds", status_code=201)
    @outbound
    def add(actor: Asking, body: NewFeed) -> schemas.Json:
        """Fetches the feed first: what is no feed is not kept. 409 when it, or its show, is subscribed to already."""
        wishes: dict[str, Any] = body.model_dump(include={"auto_transcribe", "backlog", "folder", "anyway"})
        added = subscriptions.add(actor, body.url, credentials=body.access.of(body.url) if body.access else None, **wishes)
        return schemas.feed(added)

    @api.get("/feeds/{feed_id}")
    def one(actor: Asking, feed_id: Id) -> schemas.Json:
        """`keep` is what is kept of it."""
        return {
            **schemas.feed(subscriptions.get(actor, feed_id)),
            "keep": retention.feed_rule(services.retention.rule(actor, feed_id)),
        }

    @api.patch("/feeds/{feed_id}")
    async def change(actor: Asking, feed_id: Id, body: FeedChange) -> schemas.Json:
        """A new `url` is fetched before anything is changed: 409 where another subscription has it, or it is another show."""
        if body.url is not None:
            await outbound(subscriptions.change_address)(actor, feed_id, body.url, anyway=body.anyway)
        return await run_in_threadpool(change_here, actor, feed_id, body)

    def change_here(actor: Actor, feed_id: int, body: FeedChange) -> schemas.Json:
        if body.keep:
            services.retention.set_rule(actor, feed_id, body.keep.model_dump(exclude_unset=True))
        if "access" in body.model_fields_set:
            home = subscriptions.get(actor, feed_id).feed.url
            subscriptions.set_credentials(actor, feed_id, body.access.of(home) if body.access else None)
        subscriptions.change(actor, feed_id, **body.model_dump(exclude_none=True, exclude={"keep", "access", "url", "anyway"}))
        return one(actor, feed_id)

    @api.post("/feeds/{feed_id}/address/undo")
    def undo_address(actor: Asking, feed_id: Id) -> schemas.Json:
        """Back to `former_url`, which is read when its turn comes. What came from the other address stays."""
        return schemas.feed(subscriptions.undo_address(actor, feed_id))

    @api.post("/feeds/{feed_id}/another-agent")
    def another_agent(actor: Asking, feed_id: Id) -> schemas.Json:
        """For a server that turns this program away (401, 403): the feed and its audio are asked for under another user agent."""
        return schemas.feed(subscriptions.another_agent(actor, feed_id))

    @api.delete("/feeds/{feed_id}", status_code=204)
    def remove(actor: Asking, feed_id: Id, episodes: bool = False) -> None:
        """The feed's episodes stay in the library; with `episodes=true` they go to the trash. /removed-feeds can undo it."""
        services.unsubscribe.remove(actor, feed_id, episodes=episodes)

    @api.post("/feeds/{feed_id}/refresh")
    @outbound
    def refresh(actor: Asking, feed_id: Id) -> schemas.Json:
        return schemas.feed(subscriptions.refresh(actor, feed_id))

    return api
