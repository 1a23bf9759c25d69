"""Backups: list, make, bring one in, take one away, verify, restore, delete.

POST /backups               202: it is made in the background  ─┐
POST /backups/NAME/restore  202: it is put back there          ─┴▶ GET /backups tells how it goes
PUT  /backups/NAME          body ─▶ core.ops.backup.incoming ─▶ 201, listed as imported

None of it needs the database, so all of it answers while a restore has it closed.
"""

from __future__ import annotations

import time
from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.api import schemas
from core.api.contract import told
from core.api.files import ANSWERS, SentFile
from core.api.services import Services
from core.ops.backup import incoming, retention
from core.ops.backup.backup_file import Backup
from core.ops.backup.backups import BackupState
from core.ops.backup.packing import GIGABYTE
from core.ops.backup.restore import RestoreState

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
    def listing() -> schemas.Json:
        """Newest first. `shrunk`: the library holds much less than one of them.

        `running` is the backup being made, `last` the one made before; `restore` runs, or ran last.
        """
        state = backups.state()
        made = _state(state) if state else None
        return {
            "items": [_row(row) for row in backups.listing()],
            "running": made if state and state.running else None,
            "last": made if state and not state.running else None,
            "restore": _restoring(services.restore_state()),
            "nightly": _nightly(services),
            "shrunk": asdict(shrunk) if (shrunk := backups.shrinking.state()) else None,
        }

    @api.post("/backups", status_code=202)
    def make(body: NewBackup | None = None) -> schemas.Json:
        """Starts one. 409 `backup_running` when one is being made."""
        backups.start("manual", media=(body or NewBackup()).media)
        return listing()

    @api.post("/backups/cancel")
    def cancel() -> schemas.Json:
        """Ends the backup that is being made, if there is one; nothing of it is kept."""
        backups.cancel()
        return listing()

    @api.post("/backups/smaller/accept", status_code=204)
    def accept() -> None:
        """Says that the library is right although it holds much less than its backups: what deletes by itself goes on."""
        backups.shrinking.accept()

    @api.get("/backups/{name}", response_class=Response, responses=ANSWERS)
    def download(name: str) -> Response:
        return SentFile(backups.path(name), media_type="application/zip", filename=name)

    @api.put("/backups/{name}", status_code=201, responses=REFUSED, openapi_extra=BODY)
    async def bring(name: str, request: Request) -> Response:
        """The zip as the body, streamed to disk. It is listed as imported, under a name of its own."""
        length = request.headers.get("content-length", "")
        try:
            kept = await incoming.receive(
                request.stream(),
                backups,
                name=name,
                spare=int(services.settings.values.min_free_gb * GIGABYTE),
                content_length=int(length) if length.isdecimal() else None,
            )
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED)  # nobody is left to read it; nothing was kept
        location = str(request.url_for("download", name=kept.name).path)
        return JSONResponse(_row(kept), 201, {"Location": location})

    @api.delete("/backups/{name}", status_code=204)
    def delete(name: str) -> None:
        backups.delete(name)

    @api.post("/backups/{name}/verify", responses=REFUSED)
    def verify(name: str) -> schemas.Json:
        """Reads every byte and compares it with the manifest; takes about as long as copying the file."""
        found = backups.verify(name)
        return {"name": name, "files": len(found.files), "bytes": found.bytes, "skipped": list(found.skipped)}

    @api.post("/backups/{name}/restore", status_code=202)
    def restore(name: str) -> schemas.Json:
        """Everything is checked first; then a restore point is made, and the library is replaced. `restore` tells the rest."""
        services.start_restore(name)
        return listing()

    return api


def _nightly(services: Services) -> schemas.Json:
    values, error = services.settings.values, services.backups.nightly_error
    due = retention.next_appointment(time.time(), values.backup_hour) if values.backup_nightly else None
    return {
        "on": values.backup_nightly,
        "last": schemas.moment(services.backups.newest_nightly()),
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
        "error": state.error.to_dict() if state.error else None,
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
