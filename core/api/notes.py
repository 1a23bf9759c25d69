"""GET and PUT …/notes: the user's own Markdown on an episode."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from core.api.services import Services

LONGEST = 1_000_000


class OwnNotes(BaseModel):
    markdown: Annotated[str, Field(max_length=LONGEST)]


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])

    @api.get("/episodes/{episode_id}/notes")
    def read(episode_id: int) -> OwnNotes:
        """Empty when nothing was written."""
        services.library.episode(episode_id)
        return OwnNotes(markdown=services.library.own_notes(episode_id))

    @api.put("/episodes/{episode_id}/notes")
    def write(episode_id: int, body: OwnNotes) -> OwnNotes:
        services.library.episode(episode_id)
        services.library.set_own_notes(episode_id, body.markdown)
        return body

    return api
