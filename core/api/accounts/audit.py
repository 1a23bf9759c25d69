"""The audit log: who changed or read what."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from core.api import schemas
from core.api.asking import Asking
from core.api.services import Services
from core.domain.accounts.audit import AuditEntry

Row = Annotated[int | None, Query(ge=1, le=2**63 - 1)]

FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["accounts"])
    audit = services.audit

    @api.get("/audit")
    def page(
        actor: Asking,
        before: Row = None,
        user_id: Row = None,
        action: Annotated[str, Query(max_length=80)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> schemas.Json:
        """Return entries, the newest first. `before`: the id from which to go on; `action`: the beginning of its name."""
        found = audit.page(actor, before=before, user_id=user_id, action=action, limit=limit)
        return {"items": [entry(each) for each in found], "next": found[-1].id if len(found) == limit else None}

    @api.get("/audit/export", response_class=StreamingResponse, responses=FILE)
    def export(actor: Asking) -> StreamingResponse:
        """Send the whole log as CSV, the newest first."""
        headers = {"Content-Disposition": 'attachment; filename="castmind-audit.csv"'}
        return StreamingResponse(audit.export(actor), media_type="text/csv; charset=utf-8", headers=headers)

    return api


def entry(row: AuditEntry) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": schemas.moment(row.at),
        "user_id": row.user_id,
        "user": row.user_name,
        "how": row.how,
        "action": row.action,
        "subject": row.subject,
        "outcome": row.outcome,
        "address": row.address,
    }
