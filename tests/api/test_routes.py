from __future__ import annotations

import warnings

import httpx


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
