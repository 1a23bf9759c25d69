from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import Running


@pytest.mark.parametrize(("status", "code"), [("healthy", 200), ("degraded", 200), ("unhealthy", 503)])
def test_health_is_a_503_only_when_unhealthy(client: httpx.Client, services: Running, status: str, code: int) -> None:
    services.status = status
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"], answer.headers["cache-control"]) == (code, status, "no-store")


def test_ready_follows_the_start_and_live_does_not(client: httpx.Client, services: Running) -> None:
    assert client.get("/health/ready").status_code == 200
    services.ready = False
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


def test_startup_is_over_once_and_for_all(client: httpx.Client, services: Running) -> None:
    assert client.get("/health/startup").json() == {"status": "started"}
    services.ready = False
    assert client.get("/health/startup").status_code == 200
    services.up = False
    assert client.get("/health/startup").status_code == 503
