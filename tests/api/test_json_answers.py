from __future__ import annotations

import gzip
import json
from typing import Any

import httpx
import pytest
from fastapi import Request

from core.api.json_answers import WORTH_COMPRESSING, answer


def asked(encodings: str | None) -> Request:
    headers = [] if encodings is None else [(b"accept-encoding", encodings.encode())]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


BODIES: dict[str, dict[str, Any]] = {
    "small": {"a": 1, "b": None, "c": [True, 0.5, "\u4e2d\u6587 \U0001f600"]},
    "large": {"items": [{"id": n, "title": f"\u4e2d\u6587 <b>&'\"{n}", "at": n / 7} for n in range(300)]},
    "empty": {},
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("encodings", [None, "identity", "gzip", "deflate, gzip"])
def test_it_says_the_same_however_it_travels(name: str, encodings: str | None) -> None:
    sent = answer(asked(encodings), BODIES[name], {"ETag": 'W/"1"'})
    packed = sent.headers.get("content-encoding") == "gzip"
    body = gzip.decompress(bytes(sent.body)) if packed else bytes(sent.body)
    assert json.loads(body) == BODIES[name]
    assert packed is (name == "large" and "gzip" in (encodings or ""))
    assert (sent.headers["etag"], sent.headers["content-type"]) == ('W/"1"', "application/json")
    assert int(sent.headers["content-length"]) == len(sent.body)
    assert ("accept-encoding" in sent.headers.get("vary", "").lower()) is (len(body) > WORTH_COMPRESSING)


@pytest.mark.parametrize("path", ["/episodes", "/episodes?limit=5&count=true", "/jobs", "/search?q=sample", "/search?q="])
def test_what_is_read_most_is_json_with_and_without_gzip(api: httpx.Client, path: str) -> None:
    api.post("/episodes/sample").raise_for_status()
    plain = api.get(path, headers={"accept-encoding": "identity"})
    packed = api.get(path, headers={"accept-encoding": "gzip"})
    assert plain.json() == packed.json()
    assert plain.headers["content-type"] == packed.headers["content-type"] == "application/json"
    assert "content-encoding" not in plain.headers
