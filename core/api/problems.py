"""Return every error of the API as RFC 9457 problem details.

CastMindError ────────────▶ its code, status and detail
404, 405 of the router ───▶ not_found, method_not_allowed
an invalid body ─────────▶ invalid, with `errors: [{field, message}]`
a locked database ────────▶ database_busy, 503 with Retry-After
anything else ────────────▶ internal: the traceback is in the log, not in the response
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from core.errors import CastMindError, DatabaseBusy, MediaMissing, NotFound, OutsideCondition, TooManyAttempts, UserError
from core.services.library.database_lock import LockError, held

MEDIA_TYPE = "application/problem+json"
NEVER_CACHED = {"Cache-Control": "no-store"}
"""Headers of an answer that the next request of the same address may not be given."""
CODES = {404: NotFound.code, 405: "method_not_allowed"}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **extensions: Any,
) -> JSONResponse:
    """Return `{type, title, status, code, detail, …}`. `code` is stable, and is also the text key `error.<code>` of the pages."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **extensions,
    }
    return JSONResponse(body, status, dict(headers or {}), MEDIA_TYPE)


def status_of(kind: type[CastMindError]) -> int:
    """Return the status; 404 for a missing file, because to the client it is a resource that does not exist."""
    return 404 if issubclass(kind, MediaMissing) else kind.status


def of(error: CastMindError) -> JSONResponse:
    status = status_of(type(error))
    retry = None
    if isinstance(error, OutsideCondition | TooManyAttempts):
        retry = {"Retry-After": str(max(1, round(error.retry_after)))}
    return problem(status, error.code, error.detail, headers=retry, params=dict(error.params))


def install(app: FastAPI) -> None:
    """Make `app` return every error in this form."""
    app.add_exception_handler(CastMindError, _castmind)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(LockError, _database)
    app.add_exception_handler(Exception, _unexpected)


async def _castmind(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CastMindError)
    return of(error)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, "http")
    detail = f"{request.method} {request.url.path}: {error.detail}. /api/docs lists what there is."
    return problem(error.status_code, code, detail, headers=error.headers)


async def _validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [{"field": ".".join(str(part) for part in e["loc"]), "message": e["msg"]} for e in error.errors()]
    detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors)
    return problem(422, UserError.code, f"The request does not fit: {detail}.", errors=errors)


async def _database(_request: Request, error: Exception) -> JSONResponse:
    if held(error):
        return of(DatabaseBusy())
    raise error


async def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    return problem(500, CastMindError.code, "Something went wrong inside CastMind. The log says what; nothing was lost.")
