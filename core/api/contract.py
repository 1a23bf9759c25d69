"""The errors in openapi.json: statuses, codes and the form of each, derived from the tree of errors.

    FastAPI's contract ─▶ for each operation the statuses of its kind, and those that its route declares
                       ─▶ one shared response per status, with all codes of the tree that have it

A new error is in the contract once it is in the tree. The statuses of each kind of operation are listed here once; a route
declares further ones, as `responses=told(413, 415)`. The API tests check every response that they receive against this.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from core.api import problems
from core.errors import CastMindError, StartError, Stopped

Json = dict[str, Any]

ANY = (401, 403, 429, 500, 503)
CHANGING = (404, 409, 507)
WITH_BODY = (400, 422)
READS_ONLY = ("get", "head", "options")
# A code without an error class: for the router, and for requests rejected for their headers.
PLAIN = "http"
NO_RANGE = "range_not_satisfiable"
OTHER_CODES: Mapping[int, tuple[str, ...]] = {
    400: (PLAIN, NO_RANGE),
    405: ("method_not_allowed",),
    412: (PLAIN,),
    415: (PLAIN,),
    416: (NO_RANGE,),
}

# FastAPI prefixes schemas of the same name with their modules; clients were generated from former module names.
KNOWN_NAMES = {
    "core__api__feeds__refresh__Wanted": "core__api__refreshing__Wanted",
    "core__api__library__episodes__Wanted": "core__api__episodes__Wanted",
    "core__api__library__exports__Wanted": "core__api__exports__Wanted",
}

FORM: Json = {
    "title": "Problem",
    "description": "Problem details (RFC 9457). `code` is stable; `detail` says what happened, what was kept, what to do.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "params": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def told(*statuses: int) -> dict[int | str, Json]:
    """Return a route's `responses`: the statuses it can end with beyond those of its kind.

    Below 400, only a description is given.
    """
    return {status: {"description": HTTPStatus(status).phrase} for status in statuses}


def codes() -> dict[int, list[str]]:
    """Return all codes that a response may have, by status."""
    found: dict[int, set[str]] = {status: set(more) for status, more in OTHER_CODES.items()}
    for error in _tree(CastMindError):
        if not issubclass(error, StartError):
            found.setdefault(problems.status_of(error), set()).add(error.code)
    return {status: sorted(each) for status, each in sorted(found.items())}


def _tree(kind: type[CastMindError]) -> Iterator[type[CastMindError]]:
    if not issubclass(kind, Stopped):
        yield kind
        for each in kind.__subclasses__():
            yield from _tree(each)


def install(app: FastAPI) -> None:
    """Make the app serve this contract."""

    def contract() -> Json:
        if not app.openapi_schema:
            made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            app.openapi_schema = with_errors(with_known_names(made))
        return app.openapi_schema

    app.openapi = contract  # type: ignore[method-assign]


def with_known_names(contract: Json) -> Json:
    """Rename schemas to the names that generated clients know, whichever modules they are in now."""
    made = json.dumps(contract)
    for name, known in KNOWN_NAMES.items():
        made = made.replace(f'"{name}"', f'"{known}"').replace(f'/{name}"', f'/{known}"')
    renamed: Json = json.loads(made)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {name: schemas[name] for name in sorted(schemas)}
    return renamed


def with_errors(contract: Json) -> Json:
    components = contract.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)  # FastAPI's own error form, which is never returned here
    schemas["Problem"] = FORM
    used: set[int] = set()
    for path, method, operation in operations(contract):
        answers = operation["responses"]
        statuses = {*_of_kind(path, method, operation), *(int(s) for s in answers if s.isdigit() and int(s) >= 400)}
        answers.update({str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in sorted(statuses)})
        used |= statuses
    components["responses"] = {_name(status): _response(status) for status in sorted(used)}
    return contract


def operations(contract: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield (path, method, operation)."""
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _of_kind(path: str, method: str, operation: Json) -> Iterator[int]:
    yield from ANY
    if "{" in path:
        yield 404
    if operation.get("parameters"):
        yield 422
    if "requestBody" in operation:
        yield from WITH_BODY
    if method not in READS_ONLY:
        yield from CHANGING


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


def _response(status: int) -> Json:
    known = codes()[status]
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"properties": {"status": {"const": status}, "code": {"enum": known}}},
        ]
    }
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(known)}",
        "content": {problems.MEDIA_TYPE: {"schema": schema}},
        **({"headers": {"Retry-After": {"schema": {"type": "integer"}}}} if status in (429, 503, 507) else {}),
    }
