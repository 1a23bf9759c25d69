"""/api/docs: the contract as an interactive page, rendered from openapi.json. It loads nothing from other servers."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

HERE = Path(__file__).parent


def router() -> APIRouter:
    api = APIRouter(include_in_schema=False)

    @api.get("/docs")
    def page() -> FileResponse:
        return FileResponse(HERE / "docs.html", media_type="text/html; charset=utf-8")

    @api.get("/docs.js")
    def script() -> FileResponse:
        return FileResponse(HERE / "docs.js", media_type="text/javascript; charset=utf-8")

    return api
