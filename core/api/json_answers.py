"""Responses of JSON for frequent requests, made in the route's thread: serialised once, and compressed at a fast level.

    rows as plain values ─▶ JSON ─▶ ETag: the client's version? ─▶ 304
                                      └─ no ─▶ longer than a packet, and the client accepts gzip? ─▶ compressed ─▶ Response

FastAPI would first copy and validate a route's result, and Streamlit's middleware would compress it on the event loop, at a level
that takes three times as long for a result a tenth smaller.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from fastapi import Request
from pydantic_core import to_json
from starlette.responses import Response

WORTH_COMPRESSING = 1024
LEVEL = 1


def answer(request: Request, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return the response. `body` holds only plain values: the output of `wire`.

    Without `headers`, the response depends on the library alone: its ETag is a hash of its bytes, and it may be served from the
    cache until the library changes (answer_cache.py).
    """
    content = to_json(body)
    if headers is None:
        etag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
        # Compressed and plain bytes share the tag, so it is weak.
        said = {"ETag": f"W/{etag}", "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=said)
    else:
        said = dict(headers)
    if len(content) > WORTH_COMPRESSING:
        # A cache must not serve one in place of the other.
        said.setdefault("Vary", "Accept-Encoding")
        if "gzip" in request.headers.get("accept-encoding", ""):
            content = gzip.compress(content, compresslevel=LEVEL, mtime=0)
            said["Content-Encoding"] = "gzip"
    return Response(content, headers=said, media_type="application/json")
