"""Incidents: what went wrong, since when, until when, what was affected, what was done.

GET /incidents          newest first, those of the last months
GET /incidents/ID/report   as Markdown, in a language
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import Response

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.services import Services
from core.domain.incident import Incident

Language = Literal["en", "zh"]
MARKDOWN: dict[int | str, dict[str, Any]] = {200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}}


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["incidents"])
    incidents = services.incidents

    @api.get("/incidents")
    def listing(actor: Asking) -> schemas.Json:
        """Newest first; `closed_at` is null while one is not over. `effects` says what stopped, waited or was less."""
        return {"items": [_shape(each) for each in incidents.listing(actor)]}

    @api.get("/incidents/{incident_id}/report", response_class=Response, responses=MARKDOWN)
    def report(actor: Asking, incident_id: Id, language: Language = "en") -> Response:
        """The report as Markdown, with the first lines of the log."""
        text = incidents.report(actor, incident_id, language)
        headers = {"Content-Disposition": f'attachment; filename="castmind-incident-{incident_id}.md"'}
        return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)

    return api


def _shape(incident: Incident) -> schemas.Json:
    return {
        "id": incident.id,
        "opened_at": schemas.moment(incident.opened_at),
        "closed_at": schemas.moment(incident.closed_at),
        "causes": [
            {
                "what": cause.what,
                "code": cause.code,
                "since": schemas.moment(cause.since),
                "until": schemas.moment(cause.until),
                "times": cause.times,
            }
            for cause in incident.causes
        ],
        "effects": {ability.value: effect.value for ability, effect in incident.effects.items()},
        "deeds": [{"code": deed.code, "at": schemas.moment(deed.at), "times": deed.times} for deed in incident.deeds],
    }
