"""GET and PUT …/notes: the user's own Markdown on an episode."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from core.api.asking import Asking
from core.api.bounds import Id
from core.api.services import Services

LONGEST = 1_000_000


class OwnNotes(BaseModel):
    """`version` rises with every change. Sent with a change, it is the one that was edited: 409 when another came after it."""

    markdown: Annotated[str, Field(max_length=LONGEST)]
    version: Id | None = None


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])

    @api.get("/episodes/{episode_id}/notes")
    def read(actor: Asking, episode_id: Id) -> OwnNotes:
        """Empty when nothing was written."""
        services.library.episode(actor, episode_id)
        markdown, version = services.library.own_notes_version(actor, episode_id)
        return OwnNotes(markdown=markdown, version=version)

    @api.put("/episodes/{episode_id}/notes")
    def write(actor: Asking, episode_id: Id, body: OwnNotes) -> OwnNotes:
        services.library.episode(actor, episode_id)
        version = services.library.set_own_notes(actor, episode_id, body.markdown, version=body.version)
        return OwnNotes(markdown=body.markdown, version=version)

    return api
