"""The reader's annotations of a transcript: edits with undo, speakers, highlights.

A change may name the state that the reader saw (`expected`, `version`, `edit_id`): 409 if it has changed, and nothing is lost.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Count, Id
from core.api.services import Services
from core.domain.transcripts.annotation import Colour, Span

Offset = Count
Remark = Annotated[str, Field(max_length=10_000)]


class Wording(BaseModel):
    """`expected` is the text that was edited."""

    text: Annotated[str, Field(max_length=5_000)]
    expected: Annotated[str, Field(max_length=1_000_000)] | None = None


class OneEdit(BaseModel):
    """`edit_id` is the edit that is meant; left out, it is the last."""

    edit_id: Id | None = None


class SpeakerName(BaseModel):
    """The name of another speaker makes the two one."""

    name: Annotated[str, Field(max_length=200)]
    new: Annotated[str, Field(max_length=200)]


class Place(BaseModel):
    """From a character of one segment up to, not including, a character of the same or a later one."""

    start_segment: Offset
    start_offset: Offset
    end_segment: Offset
    end_offset: Offset

    def span(self) -> Span:
        return Span(self.start_segment, self.start_offset, self.end_segment, self.end_offset)


class NewHighlight(Place):
    colour: Colour = Colour.YELLOW
    remark: Remark = ""


class HighlightChange(BaseModel):
    """Left out: unchanged. `version` is the one that was changed."""

    model_config = ConfigDict(extra="forbid")

    colour: Colour | None = None
    remark: Remark | None = None
    place: Place | None = None
    version: Id | None = None


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["annotations"])
    annotations, library = services.annotations, services.library

    # --- edits ----------------------------------------------------------------------------------

    @api.patch("/episodes/{episode_id}/transcript/segments/{segment_id}")
    def edit(actor: Asking, episode_id: Id, segment_id: Id, body: Wording) -> schemas.Json:
        """The segment with its new text; `original` is its first wording."""
        return annotations.edit(actor, episode_id, segment_id, body.text, expected=body.expected).to_dict()

    @api.get("/episodes/{episode_id}/edits")
    def edits(actor: Asking, episode_id: Id) -> schemas.Json:
        """The newest first; `outdated` ones belong to a transcript that has been replaced."""
        library.episode(actor, episode_id)
        return {"items": [schemas.edit(row) for row in annotations.edits(actor, episode_id)]}

    @api.post("/episodes/{episode_id}/edits/undo")
    def undo(actor: Asking, episode_id: Id, body: OneEdit | None = None) -> schemas.Json:
        return schemas.edit(annotations.undo(actor, episode_id, (body or OneEdit()).edit_id))

    @api.post("/episodes/{episode_id}/edits/redo")
    def redo(actor: Asking, episode_id: Id, body: OneEdit | None = None) -> schemas.Json:
        return schemas.edit(annotations.redo(actor, episode_id, (body or OneEdit()).edit_id))

    # --- speakers -------------------------------------------------------------------------------

    @api.get("/episodes/{episode_id}/speakers")
    def speakers(actor: Asking, episode_id: Id) -> schemas.Json:
        library.episode(actor, episode_id)
        return {"items": [schemas.speaker(row) for row in annotations.speakers(actor, episode_id)]}

    @api.post("/episodes/{episode_id}/speakers/rename")
    def rename(actor: Asking, episode_id: Id, body: SpeakerName) -> schemas.Json:
        return {"items": [schemas.speaker(row) for row in annotations.rename_speaker(actor, episode_id, body.name, body.new)]}

    # --- highlights -----------------------------------------------------------------------------

    @api.get("/episodes/{episode_id}/highlights")
    def highlights(actor: Asking, episode_id: Id) -> schemas.Json:
        library.episode(actor, episode_id)
        return {"items": [schemas.highlight(row) for row in annotations.highlights(actor, episode_id)]}

    @api.post("/episodes/{episode_id}/highlights", status_code=201)
    def highlight(actor: Asking, episode_id: Id, body: NewHighlight) -> schemas.Json:
        return schemas.highlight(annotations.highlight(actor, episode_id, body.span(), colour=body.colour, remark=body.remark))

    @api.patch("/highlights/{highlight_id}")
    def change(actor: Asking, highlight_id: Id, body: HighlightChange) -> schemas.Json:
        span = body.place.span() if body.place else None
        found = annotations.change_highlight(
            actor, highlight_id, colour=body.colour, remark=body.remark, span=span, version=body.version
        )
        return schemas.highlight(found)

    @api.delete("/highlights/{highlight_id}", status_code=204)
    def remove(actor: Asking, highlight_id: Id) -> None:
        annotations.remove_highlight(actor, highlight_id)

    return api
