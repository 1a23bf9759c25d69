"""GET …/waveform: how loud the audio is from beginning to end, for a player's slider."""

from __future__ import annotations

from fastapi import APIRouter

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.services import Services


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])

    @api.get("/episodes/{episode_id}/waveform")
    def waveform(actor: Asking, episode_id: Id) -> schemas.Json:
        """`levels` from 0 to 255, of parts of equal length. `ready` false: they are being measured; ask again in some seconds."""
        levels = services.waveforms.show(actor, episode_id)
        return {"ready": levels is not None, "levels": list(levels or b"")}

    return api
