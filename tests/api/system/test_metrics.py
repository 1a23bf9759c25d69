from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest
from starlette.datastructures import Headers

from core.api.system.metrics import may_scrape
from tests.api.conftest import Running
from tests.ops.metrics.test_metrics import metrics


@pytest.fixture(autouse=True)
def measured(services: Running) -> None:
    services.metrics = metrics()  # type: ignore[attr-defined]


def test_this_computer_reads_the_metrics_without_a_token(client: httpx.Client) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200 and "castmind_open_pages" in answer.text
    assert answer.headers["content-type"].startswith("text/plain") and answer.headers["cache-control"] == "no-store"


def test_with_a_token_it_is_required_here_too(client: httpx.Client, services: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    values = services.settings.values.model_copy(update={"metrics_token": "s3cret"})
    monkeypatch.setattr(services, "settings", SimpleNamespace(values=values))
    refused = client.get("/metrics")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer") and "s3cret" not in refused.text
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer s3cret"}).status_code == 200


def test_a_proxy_is_refused_without_a_token(client: httpx.Client) -> None:
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    ("token", "address", "headers", "may"),
    [
        ("", "127.0.0.1", {}, True),
        ("", "127.9.9.9", {}, True),
        ("", "::1", {}, True),
        ("", "::ffff:127.0.0.1", {}, True),
        ("", "192.168.1.5", {}, False),
        ("", "172.17.0.1", {}, False),
        ("", "::ffff:192.168.1.5", {}, False),
        ("", "", {}, False),
        ("", "testclient", {}, False),
        ("", "127.0.0.1", {"Forwarded": "for=1.2.3.4"}, False),
        ("", "127.0.0.1", {"Via": "1.1 proxy"}, False),
        ("", "127.0.0.1", {"X-Real-IP": "1.2.3.4"}, False),
        ("t", "192.168.1.5", {"Authorization": "Bearer t"}, True),
        ("t", "192.168.1.5", {"Authorization": "bearer  t "}, True),
        ("t", "127.0.0.1", {}, False),
        ("t", "127.0.0.1", {"Authorization": "Basic t"}, False),
        ("t", "127.0.0.1", {"Authorization": "Bearer"}, False),
        ("tü", "127.0.0.1", {"Authorization": "Bearer t"}, False),
        ("t", "192.168.1.5", {"Authorization": "Bearer t", "X-Forwarded-For": "1.2.3.4"}, True),
    ],
)
def test_who_may_scrape(token: str, address: str, headers: dict[str, str], may: bool) -> None:
    assert may_scrape(token, address, Headers(headers)) is may
