from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.api.server.joined_scripts import Joined
from core.api.server.smaller_files import SmallerFiles

SCRIPT = "const greeting = 'hello';\n" * 500
GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
PAGE = '<script type="module" crossorigin src="./static/js/main.js"></script>' + " " * 1000
BASE = "var e=1;export{e as t};"
MAIN = 'import{t as e}from"./base.js";export{e as t};'
LATER = 'import{t as e}from"./base.js";export{e as n};'


SCRIPTS = {"main.js": MAIN, "base.js": BASE, "later.js": LATER}


def join() -> Joined:
    return Joined("main.js", SCRIPTS.__getitem__)


def _script(text: str, _: Request) -> PlainTextResponse:
    return PlainTextResponse(text)


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
            # Streamlit compresses some of its pages.
            Route(
                "/",
                lambda _: HTMLResponse(PAGE, headers={"ETag": '"page"', "Cache-Control": "no-cache"}),
                middleware=[Middleware(GZipMiddleware)],
            ),
            Route("/plain", lambda _: PlainTextResponse(PAGE)),
            Route("/api/page", lambda _: HTMLResponse(PAGE)),
            *(Route(f"/static/js/{name}", partial(_script, text)) for name, text in SCRIPTS.items()),
        ],
        middleware=[Middleware(SmallerFiles, fonts={"Serif.": tmp_path / "small.woff2"}, join=join)],
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


@pytest.mark.parametrize("encoding", [GZIP, PLAIN])
def test_a_page_loads_the_joined_scripts_and_carries_no_tag_of_another_page(client: TestClient, encoding: dict[str, str]) -> None:
    made = join()
    answer = client.get("/", headers={"Accept": "text/html", "If-None-Match": '"page"', **encoding})
    assert answer.text == PAGE.replace("./static/", f".{made.folder}")
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "private, no-cache"
    assert int(answer.headers["content-length"]) > 0
    assert client.get("/plain", headers={"Accept": "text/html"}).text == PAGE
    assert client.get("/api/page", headers={"Accept": "text/html"}).text == PAGE
    assert client.get("/", headers={"Accept": "*/*"}).text == PAGE


@pytest.mark.parametrize("encoding", [GZIP, PLAIN])
def test_the_folder_has_the_joined_scripts_the_others_and_every_other_file(client: TestClient, encoding: dict[str, str]) -> None:
    made = join()
    for name, text in SCRIPTS.items():
        for folder in (made.folder, "/static/joined-0/"):
            assert client.get(f"{folder}js/{name}", headers=encoding).text == made.script(name, text)
        assert client.get(f"/static/js/{name}", headers=encoding).text == text
    assert client.get(f"{made.folder}js/gone.js", headers=encoding).status_code == 404
    assert client.get(f"{made.folder}media/Serif.abc.woff2").content == b"a small font"
