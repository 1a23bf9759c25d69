"""The doctor: examine this installation, its findings with remedies, safe fixes, the bundle for support.

POST /doctor ─▶ 202: it runs in the background ─▶ GET /doctor: the findings, in a language
POST /doctor/fix {fix, dry_run} ─▶ what was done, or would be          GET /doctor/bundle ─▶ a zip
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from core.api import schemas
from core.api.asking import Asking
from core.api.services import Services
from core.domain.accounts.actor import Actor
from core.ops.doctor import told

Language = Literal["en", "zh"]
ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}


class WantedFix(BaseModel):
    """`dry_run`: say what would be done, and do nothing."""

    model_config = ConfigDict(extra="forbid")

    fix: Literal["secret_modes", "folders", "parts", "index"]
    dry_run: bool = False


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["doctor"])
    doctor = services.doctor

    @api.get("/doctor")
    def result(actor: Asking, language: Language = "en") -> schemas.Json:
        """The last result since the start of the server; `findings` is empty before the first run. `status` is 0 when nothing
        is wrong, 1 for warnings, 2 for faults."""
        return _shape(services, actor, language)

    @api.post("/doctor", status_code=202)
    def run(actor: Asking, language: Language = "en") -> schemas.Json:
        """Starts an examination; 409 while one runs."""
        doctor.start(actor)
        return _shape(services, actor, language)

    @api.post("/doctor/fix")
    def fix(actor: Asking, body: WantedFix) -> schemas.Json:
        """Applies a safe fix where the last result has it; each does nothing the second time."""
        deeds = doctor.would(actor, body.fix) if body.dry_run else doctor.fix(actor, body.fix)
        return {"items": [asdict(deed) for deed in deeds]}

    @api.get("/doctor/bundle", response_class=Response, responses=ZIP)
    def bundle(actor: Asking) -> Response:
        """A zip for support: versions, findings, settings without texts, counts, and the log without what was put into it."""
        headers = {"Content-Disposition": 'attachment; filename="castmind-support.zip"', "Cache-Control": "no-store"}
        return Response(doctor.bundle(actor), media_type="application/zip", headers=headers)

    return api


def _shape(services: Services, actor: Actor, language: Language) -> schemas.Json:
    task, found = services.doctor.running(actor), services.doctor.result(actor)
    findings = found.findings if found else ()
    return {
        "running": {"done": task.done, "total": task.total} if task else None,
        "at": schemas.moment(found.at if found else None),
        "status": told.exit_status(findings) if found else None,
        "findings": told.as_json(findings, language),
    }
