"""Requests made of the live contract, to the real server with accounts on: as an admin, a viewer, and as nobody.

/api/v1/openapi.json ─▶ schemathesis: for each operation requests that are right and wrong ─▶ no 5xx, every answer as declared
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.test_contract import LEFT_OUT, SEED, modes
from tests.running import RunningApp

PASSWORD = "correct horse battery"
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
# They would end the session of the test itself, or open the door.
OWN = {
    *("DELETE /v1/accounts/password", "PUT /v1/accounts/me/password"),
    *("DELETE /v1/accounts/{user_id}", "PATCH /v1/accounts/{user_id}"),
}
EACH = 8
# Directories of podcasts that nobody answers at.
NOWHERE = {"CASTMIND_ITUNES_URL": "http://127.0.0.1:9", "CASTMIND_PODCASTINDEX_URL": "http://127.0.0.1:9"}
LONGEST = 30_000

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the address of a server, and an API token by the role of its user."""
    data = tmp_path_factory.mktemp("live") / "data"
    data.mkdir()
    made = {"nobody": ""}
    # No name that a request makes up is looked for outside.
    with RunningApp(data, CASTMIND_WHISPER_MODEL="demo", CASTMIND_NOTES_ENGINE="extractive", **NOWHERE) as app:
        with httpx.Client(base_url=f"{app.url}/api/v1", headers={"Origin": app.url}, timeout=60.0) as owner:
            owner.put("/accounts/me/password", json={"present": "", "password": PASSWORD}).raise_for_status()
            for name, scope in (("admin", "admin"), ("viewer", "read")):
                with httpx.Client(base_url=app.url, headers={"Origin": app.url}, timeout=60.0) as browser:
                    browser.post("/sign-in", data={"name": name, "password": PASSWORD, "next": "/"})
                    if name == "admin":
                        user = {"name": "viewer", "role": "viewer", "password": PASSWORD}
                        browser.post("/api/v1/accounts", json=user).raise_for_status()
                        browser.post("/api/v1/episodes/sample").raise_for_status()
                    answer = browser.post("/api/v1/accounts/me/tokens", json={"name": "test", "scope": scope})
                    made[name] = answer.raise_for_status().json()["token"]
        yield app.url, made


def faults(url: str, token: str) -> tuple[list[str], Counter[int]]:
    """Send requests for every operation; return what was wrong, and how many answers had which status."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    described = httpx.get(f"{url}/api/v1/openapi.json", headers=headers)
    schema = schemathesis.openapi.from_dict(described.json() if token else {})
    wrong: list[str] = []
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label not in LEFT_OUT | OWN:
            for mode in modes(operation.definition.raw):
                wrong += _tried(operation, mode, url, headers, statuses)
    return wrong, statuses


def _tried(operation: Any, mode: GenerationMode, url: str, headers: dict[str, str], statuses: Counter[int]) -> list[str]:
    wrong: list[str] = []

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=EACH,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def request(case: Any) -> None:
        # Longer ones are refused before they are a request.
        hypothesis.assume(len(case.as_curl_command()) < LONGEST)
        answer = case.call(base_url=f"{url}/api", headers=headers, timeout=30)
        statuses[answer.status_code] += 1
        # 503 is declared where something outside is asked, such as a directory of podcasts.
        if answer.status_code >= 500 and answer.status_code != 503:
            wrong.append(f"{operation.label}: {answer.status_code}")
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            wrong.append(f"{operation.label}: {answer.status_code} {str(failure)[:300]}")

    with contextlib.suppress(hypothesis.errors.Unsatisfiable):
        request()
    return wrong


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_the_live_server_keeps_its_contract(tokens: tuple[str, dict[str, str]], role: str) -> None:
    url, made = tokens
    wrong, statuses = faults(url, made[role])
    assert wrong == []
    assert statuses[401] == 0 and statuses[200] > 100
    assert (statuses[403] > 100) is (role == "viewer")


def test_nobody_gets_anything(tokens: tuple[str, dict[str, str]]) -> None:
    url, made = tokens
    described = httpx.get(f"{url}/api/v1/openapi.json", headers={"Authorization": f"Bearer {made['admin']}"}).json()
    asked = 0
    for path, operations in described["paths"].items():
        for method in operations:
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            answer = httpx.request(method, f"{url}/api{path.replace('{', '').replace('}', '')}".replace("_id", "7"))
            assert answer.status_code in (401, 404), (method, path, answer.status_code)
            asked += 1
    assert asked > 100
