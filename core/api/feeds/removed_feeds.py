"""Removed subscriptions, for the week in which the removal can be undone."""

from __future__ import annotations

from fastapi import APIRouter

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.services import Services
from core.services.feeds.unsubscribe import KEPT


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["feeds"])
    unsubscribe = services.unsubscribe

    @api.get("/removed-feeds")
    def listing(actor: Asking) -> schemas.Json:
        """The last removed first."""
        return {
            "items": [
                {
                    "id": row.id,
                    "title": row.title,
                    "episodes": row.episodes,
                    "trashed": row.trashed,
                    "removed_at": schemas.moment(row.removed_at),
                    "forgotten_at": schemas.moment(row.removed_at + KEPT),
                }
                for row in unsubscribe.listing(actor)
            ]
        }

    @api.post("/removed-feeds/{feed_id}/restore")
    def restore(actor: Asking, feed_id: Id) -> schemas.Json:
        """The feed with all its choices; what went to the trash with it is back. 409 when it is subscribed again."""
        return schemas.feed(unsubscribe.restore(actor, feed_id))

    return api
