from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.api.server.smaller_files import SmallerFiles

SCRIPT = "const greeting = 'hello';\n" * 500
GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / "small.woff2").write_bytes(b"a small font")

    async def parts() -> AsyncIterator[str]:
        for _ in range(500):
            yield "const greeting = 'hello';\n"

    app = Starlette(
        routes=[
            Route("/static/js/a.js", lambda _: PlainTextResponse(SCRIPT, headers={"Cache-Control": "immutable"})),
            Route("/static/js/parts.js", lambda _: StreamingResponse(parts(), media_type="text/javascript")),
            Route("/static/js/gone.js", lambda _: PlainTextResponse("gone", status_code=404)),
            Route("/api/a.js", lambda _: PlainTextResponse(SCRIPT)),
        ],
        middleware=[Middleware(SmallerFiles, fonts={"Serif.": tmp_path / "small.woff2"})],
    )
    with TestClient(app) as made:
        yield made


@pytest.mark.parametrize("path", ["/static/js/a.js", "/static/js/parts.js"])
def test_a_script_is_compressed_each_time(client: TestClient, path: str) -> None:
    for _ in range(2):
        answer = client.get(path, headers=GZIP)
        assert answer.text == SCRIPT
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) == len(gzip.compress(SCRIPT.encode(), 6)) < len(SCRIPT) / 10
        assert "accept-encoding" in answer.headers["vary"].lower()
    assert client.get("/static/js/a.js", headers=GZIP).headers["cache-control"] == "immutable"


def test_other_answers_pass_as_they_are(client: TestClient) -> None:
    assert "content-encoding" not in client.get("/static/js/a.js", headers=PLAIN).headers
    assert "content-encoding" not in client.get("/static/js/a.js", headers=GZIP | {"Range": "bytes=0-9"}).headers
    assert "content-encoding" not in client.get("/api/a.js", headers=GZIP).headers
    assert client.get("/static/js/gone.js", headers=GZIP).status_code == 404
    assert client.get("/static/js/gone.js", headers=GZIP).text == "gone"


def test_a_font_is_replaced_by_the_smaller_one_and_revalidated(client: TestClient) -> None:
    first = client.get("/static/media/Serif.abc.woff2")
    assert (first.content, first.headers["content-type"]) == (b"a small font", "font/woff2")
    again = client.get("/static/media/Serif.abc.woff2", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/static/media/Other.abc.woff2").status_code == 404
