"""Read the form of a page that works without scripts: few short fields, URL-encoded."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from core.errors import UserError

MOST_BYTES = 10_000
NO_FORM = "This is no form of the page. Nothing was changed."


async def fields(request: Request) -> dict[str, str]:
    """Return the fields of a form. Raises UserError for an invalid body, or one longer than the pages' forms."""
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > MOST_BYTES:
            raise UserError(NO_FORM)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != "application/x-www-form-urlencoded":
        raise UserError(NO_FORM)
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError as error:
        raise UserError(NO_FORM) from error
