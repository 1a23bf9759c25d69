"""Retention: preview a rule's deletions, delete now, list past deletions, fetch deleted audio again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Count, Id
from core.api.services import Services
from core.domain.episodes.retention import RetentionRecord
from core.errors import UserError
from core.services.library.retention import FeedRule, Preview

Least = Annotated[Count, Field(ge=1)]


class Keep(BaseModel):
    """A feed's own rule; null follows the settings, what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    audio: Literal["all", "heard", "days", "text"] | None = None
    audio_days: Count | None = None
    episodes: Literal["all", "newest", "days"] | None = None
    newest: Least | None = None
    days: Least | None = None
    publisher_transcript: Literal["prefer", "never"] | None = None


class Pruning(BaseModel):
    """With `dry_run` nothing goes; `keep` then stands for the rule of the feed `feed_id`, as if it had been saved."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = True
    feed_id: Id | None = None
    keep: Keep | None = None


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["keeping"])
    retention, library = services.retention, services.library

    @api.post("/pruning")
    def prune(actor: Asking, body: Pruning) -> schemas.Json:
        """`{audio, episodes, bytes, over, items}`: how many go, the bytes that gives, by how many the budget stays exceeded, and
        the first few by name."""
        if body.dry_run:
            return _preview(retention.preview(actor, feed_id=body.feed_id, choice=_given(body.keep)))
        if body.feed_id is not None or body.keep is not None:
            raise UserError("All rules are followed at once: feed_id and keep go with dry_run alone. Nothing was changed.")
        return _preview(retention.apply(actor))

    @api.get("/pruning")
    def history(actor: Asking, limit: Annotated[int, Field(ge=1, le=1000)] = 100) -> schemas.Json:
        """What was let go, the newest first."""
        return {"items": [_record(row) for row in retention.history(actor, limit)]}

    @api.post("/episodes/{episode_id}/fetch")
    def fetch_again(actor: Asking, episode_id: Id) -> schemas.Json:
        """Fetches audio that was let go once more; text and notes stay as they are. 409 when it is here or on its way."""
        retention.fetch_again(actor, episode_id)
        return schemas.episode(library.episode(actor, episode_id))

    return api


def feed_rule(found: FeedRule) -> schemas.Json:
    """Return the feed's own rule; `applies` is the effective one, with the settings' values where the feed has none."""
    return {
        **asdict(found.choice),
        "publisher_transcript": found.publisher_transcript,
        "applies": asdict(found.rule),
    }


def _given(keep: Keep | None) -> dict[str, Any]:
    return keep.model_dump(exclude_unset=True) if keep else {}


def _preview(found: Preview) -> schemas.Json:
    return {
        "audio": found.audio,
        "episodes": found.episodes,
        "bytes": found.bytes,
        "over": found.over,
        "items": [asdict(named) for named in found.first],
    }


def _record(row: RetentionRecord) -> schemas.Json:
    return {**asdict(row), "at": schemas.moment(row.at)}
