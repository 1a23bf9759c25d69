from __future__ import annotations

import re
import warnings

import httpx
import pytest

from tests.api.conftest import Running, is_problem


def test_the_contract_names_every_call(api: httpx.Client) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        contract = api.get("/openapi.json").json()
    calls = {f"{method.upper()} {path}" for path, methods in contract["paths"].items() for method in methods}
    assert calls >= {
        "POST /v1/episodes",
        "POST /v1/episodes/import",
        "GET /v1/episodes",
        "GET /v1/episodes/{episode_id}",
        "PATCH /v1/episodes/{episode_id}",
        "DELETE /v1/episodes/{episode_id}",
        "POST /v1/episodes/{episode_id}/retry",
        "POST /v1/episodes/{episode_id}/cancel",
        "GET /v1/episodes/{episode_id}/audio",
        "GET /v1/episodes/{episode_id}/transcript",
        "GET /v1/episodes/{episode_id}/summary",
        "GET /v1/episodes/{episode_id}/notes",
        "PUT /v1/episodes/{episode_id}/notes",
        "GET /v1/feeds",
        "POST /v1/feeds",
        "POST /v1/feeds/{feed_id}/refresh",
        "GET /v1/jobs",
        "POST /v1/jobs/{job_id}/cancel",
        "POST /v1/jobs/{job_id}/retry",
        "GET /v1/settings",
        "PATCH /v1/settings",
        "GET /v1/statistics",
    }
    form = contract["paths"]["/v1/episodes"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(form["properties"]) == {"file", "title", "language", "model"}


def test_the_page_of_the_contract_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/api/docs")
    script = client.get("/api/docs.js")
    assert (page.status_code, script.status_code) == (200, 200)
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text) == ["v1/openapi.json", "v1/openapi.json", "docs.js"]
    assert "//" not in re.sub(r"^//.*$", "", script.text, flags=re.MULTILINE).replace("https://", "//")
    assert "innerHTML" not in script.text


def test_what_is_not_there_and_what_is_not_allowed(api: httpx.Client) -> None:
    assert is_problem(api.get("/nothing"), 404, "not_found")
    wrong = api.put("/episodes")
    assert is_problem(wrong, 405, "method_not_allowed")
    assert wrong.headers["allow"]


def test_a_body_that_does_not_fit_says_where(api: httpx.Client) -> None:
    answer = api.post("/feeds", json={"backlog": "some"})
    assert is_problem(answer, 422, "invalid")
    assert [e["field"] for e in answer.json()["errors"]] == ["body.url", "body.backlog"]


def test_a_fault_of_ours_tells_nothing_of_the_inside(
    api: httpx.Client, services: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(actor: object) -> None:
        raise RuntimeError("secret path /home/me")

    monkeypatch.setattr(services.subscriptions, "listing", broken)
    answer = api.get("/feeds")
    assert is_problem(answer, 500, "internal")
    assert "secret" not in answer.text
