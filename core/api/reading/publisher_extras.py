"""Extras from the publisher and the audio file: chapters, the publisher's transcript, and the outcomes of the feed's offers."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.server.outbound import outbound
from core.api.services import Services
from core.domain.episodes.publisher_extras import Origin
from core.errors import NotFound
from core.services.reading.publisher_extras import Status


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])
    extras, library = services.publisher_extras, services.library

    @api.get("/episodes/{episode_id}/chapters")
    def chapters(actor: Asking, episode_id: Id, source: Origin | None = None) -> schemas.Json:
        """From `source` (publisher, file, notes), or from the first of them that has any; times in seconds."""
        library.episode(actor, episode_id)
        found = extras.chapters(actor, episode_id, source)
        return {"source": found.origin.value if found else None, "items": [asdict(c) for c in found.items] if found else []}

    @api.get("/episodes/{episode_id}/supplied")
    def status(actor: Asking, episode_id: Id) -> schemas.Json:
        """Where chapters and transcripts can be had from; `offers` says what the feed names, and why it came to nothing."""
        return _status(extras.status(actor, episode_id))

    @api.get("/episodes/{episode_id}/supplied/transcript")
    def transcript(actor: Asking, episode_id: Id) -> schemas.Json:
        """The publisher's own transcript, in the form of ours."""
        library.episode(actor, episode_id)
        found = extras.transcript(actor, episode_id)
        if found is None:
            raise NotFound("The publisher supplied no transcript of this episode.", id=episode_id, case="no_supplied")
        return schemas.transcript(found, words=False, version=None)

    @api.post("/episodes/{episode_id}/supplied/refresh")
    @outbound
    def refresh(actor: Asking, episode_id: Id) -> schemas.Json:
        """Fetches what the feed offers once more; takes as long as the publisher's server."""
        return _status(extras.refresh(actor, episode_id))

    return api


def _status(found: Status) -> schemas.Json:
    # Without addresses: those of a private feed contain the listener's key.
    return {
        "chapters": [o.value for o in found.chapters],
        "transcript": [o.value for o in found.transcript],
        "offers": [
            {
                "kind": t.offer.kind.value,
                "media_type": t.offer.media_type,
                "language": t.offer.language,
                "tried_at": schemas.moment(t.tried_at),
                "error": t.error,
            }
            for t in found.offers
        ],
    }
