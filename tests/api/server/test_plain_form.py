"""Forms of pages without scripts: few short fields, and nothing else."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from core.api import problems
from core.api.server import plain_form
from core.errors import UserError

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def _take(request: Request) -> Response:
    try:
        return JSONResponse(await plain_form.fields(request))
    except UserError as error:
        return problems.of(error)


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[Route("/", _take, methods=["POST"])]))


def test_the_fields_of_a_form(client: TestClient) -> None:
    assert client.post("/", data={"name": "Änna & co", "empty": ""}).json() == {"name": "Änna & co", "empty": ""}
    assert client.post("/").json() == {}
    said = {"Content-Type": "Application/X-WWW-Form-Urlencoded; charset=utf-8"}
    assert client.post("/", content=b"a=1", headers=said).json() == {"a": "1"}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_another_type_is_none(client: TestClient, kind: str) -> None:
    assert client.post("/", content=b"a=1", headers={"Content-Type": kind}).status_code == 422


@pytest.mark.parametrize(
    "content", [b"a=" + b"x" * plain_form.MOST_BYTES, b"&".join(b"a%d=1" % number for number in range(50)), b"a=\xff\xfe"]
)
def test_a_long_or_damaged_one_is_refused(client: TestClient, content: bytes) -> None:
    refused = client.post("/", content=content, headers=FORM)
    assert refused.status_code == 422 and "Nothing was changed" in refused.json()["detail"]
