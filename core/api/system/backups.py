"""Backups: list, make, bring one in, take one away, verify, restore, delete.

POST /backups               202: it is made in the background  ─┐
POST /backups/NAME/restore  202: it is put back there          ─┴▶ GET /backups tells how it goes
PUT  /backups/NAME          body ─▶ castmind.backups.receive ─▶ 201, listed as imported

All but making one works while a restore has the database closed.
"""

from __future__ import annotations

import time
from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.api import schemas
from core.api.asking import Asking
from core.api.contract import told
from core.api.files import ANSWERS, SentFile
from core.api.services import Services
from core.domain.accounts.actor import Actor
from core.ops.backup import retention
from core.ops.backup.backup_file import Backup
from core.ops.backup.packing import GIGABYTE
from core.ops.backup.restore_state import RestoreState
from core.ops.backup.service.backup_service import BackupState

CLIENT_CLOSED = 499
REFUSED = told(413, 415)
BODY = {"requestBody": {"required": True, "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}


class NewBackup(BaseModel):
    """`media`: with the audio that feeds brought. Uploads are always in it."""

    model_config = ConfigDict(extra="forbid")

    media: bool = False


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["backups"])
    backups = services.backups

    @api.get("/backups")
    def listing(actor: Asking) -> schemas.Json:
        """Newest first. `shrunk`: the library holds much less than one of them.

        `running` is the backup being made, `last` the one made before; `restore` runs, or ran last.
        """
        state = backups.state(actor)
        made = _state(state) if state else None
        return {
            "items": [_row(row) for row in backups.listing(actor)],
            "running": made if state and state.running else None,
            "last": made if state and not state.running else None,
            "restore": _restoring(backups.restore_state(actor)),
            "nightly": _nightly(services, actor),
            "shrunk": asdict(shrunk) if (shrunk := backups.shrunk(actor)) else None,
        }

    @api.post("/backups", status_code=202)
    def make(actor: Asking, body: NewBackup | None = None) -> schemas.Json:
        """Starts one. 409 `backup_running` when one is being made."""
        backups.start(actor, media=(body or NewBackup()).media)
        return listing(actor)

    @api.post("/backups/cancel")
    def cancel(actor: Asking) -> schemas.Json:
        """Ends the backup that is being made, if there is one; nothing of it is kept."""
        backups.cancel(actor)
        return listing(actor)

    @api.post("/backups/smaller/accept", status_code=204)
    def accept(actor: Asking) -> None:
        """Says that the library is right although it holds much less than its backups: what deletes by itself goes on."""
        backups.accept_shrunk(actor)

    @api.get("/backups/{name}", response_class=Response, responses=ANSWERS)
    def download(actor: Asking, name: str) -> Response:
        return SentFile(backups.path(actor, name), media_type="application/zip", filename=name)

    @api.put("/backups/{name}", status_code=201, responses=REFUSED, openapi_extra=BODY)
    async def bring(actor: Asking, name: str, request: Request) -> Response:
        """The zip as the body, streamed to disk. It is listed as imported, under a name of its own."""
        length = request.headers.get("content-length", "")
        try:
            kept = await backups.receive(
                actor,
                request.stream(),
                name=name,
                spare=int(services.settings.values.min_free_gb * GIGABYTE),
                content_length=int(length) if length.isdecimal() else None,
            )
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED)  # nobody is left to read it; nothing was kept
        location = str(request.url_for("download", name=kept.name).path)
        return JSONResponse(_row(kept), 201, {"Location": location})

    @api.delete("/backups/{name}", status_code=204)
    def delete(actor: Asking, name: str) -> None:
        backups.delete(actor, name)

    @api.post("/backups/{name}/verify", responses=REFUSED)
    def verify(actor: Asking, name: str) -> schemas.Json:
        """Reads every byte and compares it with the manifest; takes about as long as copying the file."""
        found = backups.verify(actor, name)
        return {"name": name, "files": len(found.files), "bytes": found.bytes, "skipped": list(found.skipped)}

    @api.post("/backups/{name}/restore", status_code=202)
    def restore(actor: Asking, name: str) -> schemas.Json:
        """Everything is checked first; then a restore point is made, and the library is replaced. `restore` tells the rest."""
        backups.restore(actor, name)
        return listing(actor)

    return api


def _nightly(services: Services, actor: Actor) -> schemas.Json:
    values, error = services.settings.values, services.backups.nightly_error(actor)
    due = retention.next_appointment(time.time(), values.backup_hour) if values.backup_nightly else None
    return {
        "on": values.backup_nightly,
        "last": schemas.moment(services.backups.newest_nightly(actor)),
        "next": schemas.moment(due),
        "error": error.to_dict() if error else None,
    }


def _row(row: Backup) -> schemas.Json:
    """`error` says why the file cannot be used; then nothing is known of what is in it."""
    return {
        "name": row.name,
        "kind": row.kind,
        "bytes": row.bytes,
        "created_at": schemas.moment(row.created_at),
        "version": row.version,
        "schema": list(row.schema),
        "contents": list(row.contents),
        "skipped": list(row.skipped),
        "counts": dict(row.counts),
        "error": row.error,
    }


def _state(state: BackupState) -> schemas.Json:
    """`done` and `total` are bytes."""
    return {
        "running": state.running,
        "kind": state.kind,
        "phase": state.phase,
        "done": state.done,
        "total": state.total,
        "error": state.error,
        "name": state.name,
        "finished_at": schemas.moment(state.finished_at),
    }


def _restoring(state: RestoreState | None) -> schemas.Json | None:
    """`result` says what is there now and which restore point leads back."""
    if state is None:
        return None
    return {
        "running": state.running,
        "name": state.name,
        "phase": state.phase,
        "done": state.done,
        "total": state.total,
        "error": state.error.to_dict() if state.error else None,
        "result": asdict(state.result) if state.result else None,
        "finished_at": schemas.moment(state.finished_at),
    }
