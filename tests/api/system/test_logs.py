from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from core.domain.accounts.actor import OWNER
from tests.api.conftest import Running, is_problem
from tests.ops.logs.lines import line, write


@pytest.fixture
def lines(services: Running) -> Iterator[None]:
    folder = services.data / "logs"
    write(folder, "application", line(0, "fetch starts", job_id=5), line(2, "fetch broke", job_id=5, level="error"))
    write(folder, "access", line(1, "GET / 200", request_id="abc-12345"))
    yield
    for row in services.logs.levels(OWNER):
        services.logs.reset_level(OWNER, row.module)


def found(api: httpx.Client, **asked: Any) -> list[str]:
    answer = api.get("/logs", params=asked)
    assert answer.status_code == 200, answer.text
    return [row["event"] for row in answer.json()["items"]]


@pytest.mark.usefixtures("lines")
def test_lines_are_searched_and_paged(api: httpx.Client) -> None:
    assert found(api) == ["fetch broke", "GET / 200", "fetch starts"]
    assert found(api, job_id=5, level="warning") == ["fetch broke"]
    assert found(api, kind=["access", "audit"]) == ["GET / 200"]
    assert found(api, text="STARTS") == ["fetch starts"] and found(api, request_id="abc-12345") == ["GET / 200"]
    assert found(api, since="2099-01-01T00:00:00Z") == [] and found(api, until="2020-01-01T00:00:00+02:00") == []
    first = api.get("/logs", params={"limit": 2}).json()
    assert found(api, cursor=first["cursor"]) == ["fetch starts"] and first["reached"] is None
    assert api.get("/logs", params={"limit": 3}).json()["cursor"] is None


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "secret"},
        {"level": "loud"},
        {"limit": 501},
        {"limit": 0},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
        {"text": "x" * 201},
        {"cursor": "nowhere"},
        {"job_id": 2**70},
    ],
)
def test_what_cannot_be_searched_is_refused(api: httpx.Client, asked: dict[str, Any]) -> None:
    answer = api.get("/logs", params=asked)
    assert answer.status_code == 422 and answer.json()["code"] == "invalid"


@pytest.mark.usefixtures("lines")
def test_lines_are_downloaded_as_a_file(api: httpx.Client) -> None:
    answer = api.get("/logs/download", params={"level": "error"})
    assert 'filename="castmind-logs.jsonl"' in answer.headers["content-disposition"]
    assert [json.loads(row)["event"] for row in answer.text.splitlines()] == ["fetch broke"]


@pytest.mark.usefixtures("lines")
def test_levels_are_set_listed_and_reset(api: httpx.Client) -> None:
    answer = api.put("/logs/levels/test.api", json={"level": "DEBUG", "seconds": 60})
    (row,) = answer.json()["items"]
    assert (row["module"], row["level"]) == ("test.api", "DEBUG") and row["until"] and answer.json()["general"] == "INFO"
    assert api.put("/logs/levels/test.api", json={"level": "ERROR"}).json()["items"][0]["until"] is None
    assert api.delete("/logs/levels/test.api").json()["items"] == api.get("/logs/levels").json()["items"] == []
    assert is_problem(api.put("/logs/levels/test api", json={"level": "DEBUG"}), 422, "invalid")
    assert api.put("/logs/levels/test.api", json={"level": "LOUD"}).status_code == 422
