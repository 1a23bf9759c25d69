"""The queue by HTTP: paused and resumed, and which episode comes first."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.conftest import is_problem


def test_the_queue_is_paused_and_resumed(api: httpx.Client) -> None:
    assert api.post("/queue/pause").json()["paused"] is True
    assert api.get("/queue").json()["paused"] is True
    assert api.post("/queue/resume").json()["paused"] is False


def test_an_episode_is_put_first(api: httpx.Client, episode: dict[str, Any]) -> None:
    assert api.post("/queue/order", json={"episode_id": episode["id"], "to": "first"}).status_code == 204
    assert api.post("/queue/order", json={"episode_id": episode["id"], "to": "last"}).status_code == 204
    assert is_problem(api.post("/queue/order", json={"episode_id": 999, "to": "first"}), 404, "not_found")
    assert is_problem(api.post("/queue/order", json={"episode_id": episode["id"], "to": "middle"}), 422, "invalid")
