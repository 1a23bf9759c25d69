"""The contract's errors, and generated requests: no server error, and no answer missing from the contract."""

from __future__ import annotations

import contextlib
import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import hypothesis.strategies as some
import pytest
import schemathesis
from schemathesis.generation import GenerationMode
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from core.api import contract, problems
from core.api.routes import routes
from core.api.server.foreign_errors import ForeignErrors
from core.api.server.host_guard import Guard, host_names
from core.domain.accounts.actor import OWNER
from core.errors import CastMindError, StartError, Stopped
from tests.api.conftest import AsOwner, Running, contract_of
from tests.api.contract_checker import ContractChecker

Json = dict[str, Any]


@pytest.fixture
def written(services: Running) -> Json:
    return contract_of(Starlette(routes=routes(services), middleware=[Middleware(AsOwner)]))


def tree(kind: type[CastMindError]) -> Iterator[type[CastMindError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from tree(each)


def test_every_error_of_the_tree_is_in_it(written: Json) -> None:
    responses = written["components"]["responses"].values()
    known = {
        (rule["properties"]["status"]["const"], code)
        for response in responses
        for rule in response["content"]["application/problem+json"]["schema"]["allOf"]
        if "properties" in rule
        for code in rule["properties"]["code"]["enum"]
    }
    errors = [each for each in tree(CastMindError) if not issubclass(each, Stopped | StartError)]
    assert len(errors) > 50
    assert {each for each in errors if (problems.status_of(each), each.code) not in known} == set()


def test_every_operation_says_how_it_can_fail_and_in_which_form(written: Json) -> None:
    for path, method, operation in contract.operations(written):
        failing = {int(status): answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {403, 500, 503} <= failing.keys(), (path, method)
        assert 404 in failing or "{" not in path, (path, method)
        for status, answer in failing.items():
            shared = written["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            assert list(shared["content"]) == ["application/problem+json"], (path, method, status)
    assert not {"HTTPValidationError", "ValidationError"} & written["components"]["schemas"].keys()


def test_a_new_error_is_in_it_without_a_word_elsewhere(services: Running) -> None:
    class Unheard(CastMindError):
        code = "unheard_of"
        status = 409

    assert "unheard_of" in contract.codes()[409]


SENDING = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
PROVOKED: list[tuple[int, str, str, Json]] = [
    (400, "GET", "/episodes/1/audio", {"headers": {"Range": "bytes=x-y"}}),
    (403, "GET", "/tags", {"headers": {"Host": "evil.example"}}),
    (403, "POST", "/backups", {"headers": {"Origin": "http://127.0.0.1:1"}}),
    (404, "GET", "/episodes/99", {}),
    (404, "DELETE", "/feeds/99", {}),
    (404, "GET", "/backups/none.zip", {}),
    (404, "PATCH", "/uploads/" + "0" * 32, {"headers": SENDING}),
    (404, "POST", "/queue/order", {"json": {"episode_id": 99, "to": "first"}}),
    (412, "POST", "/uploads", {"headers": {"Upload-Length": "5"}}),
    (413, "POST", "/uploads", {"headers": {"Tus-Resumable": "1.0.0", "Upload-Length": "9000000000000000000"}}),
    (415, "POST", "/episodes", {"files": {"file": ("a.wav", b"no sound at all" * 100)}}),
    (416, "GET", "/episodes/1/audio", {"headers": {"Range": "bytes=99999999-"}}),
    (422, "GET", "/episodes?limit=none", {}),
    (422, "POST", "/feeds", {"json": {"url": "file:///etc/passwd"}}),
    (422, "PATCH", "/settings", {"json": {"no such": 1}}),
    (422, "PUT", "/backups/mine.zip", {"content": b"no zip"}),
    (422, "POST", "/opml", {"content": b"no list"}),
]  # fmt: skip


def test_what_is_provoked_is_in_it(api: httpx.Client, episode: Json) -> None:
    """The test server checks each answer against the contract, here and in all other API tests."""
    answers = {(s, method, path): api.request(method, path, **more) for s, method, path, more in PROVOKED}
    assert {what: a.text for what, a in answers.items() if what[0] != a.status_code} == {}
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}


@pytest.mark.parametrize("wrong", ["status", "code", "form", "type"])
def test_an_answer_that_is_not_in_it_is_noticed(services: Running, written: Json, wrong: str) -> None:
    """Otherwise the checks of all other tests would prove nothing."""
    checker = ContractChecker(Starlette(), written)
    operation = written["paths"]["/v1/tags"]["get"]
    kind = b"text/plain" if wrong == "type" else b"application/problem+json"
    start = {"status": 418 if wrong == "status" else 404 if wrong == "code" else 503, "headers": [(b"content-type", kind)]}
    checker._check("GET /tags", operation, start, b'{"detail": 7}')
    assert len(checker.broken) == 1


# --- requests from the contract -------------------------------------------------------------------------

SEED = 20260101
# Their answers never end, or they continue in the background in a folder that the test deletes.
LEFT_OUT = {"POST /v1/backups/{name}/restore"}


def modes(operation: Json) -> list[GenerationMode]:
    """Return the generation modes: for a path that accepts any text, generating invalid values takes seconds."""
    places = [each["schema"] for each in operation.get("parameters", ()) if each["in"] == "path"]
    free = any(place.get("type") == "string" and "enum" not in place for place in places)
    return [GenerationMode.POSITIVE] if free else [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


def run_through(services: Running, each: int) -> list[str]:
    """Send `each` valid and as many invalid requests for every operation; return the faults."""
    around = [Middleware(Guard, names=host_names("localhost", [])), Middleware(AsOwner), Middleware(ForeignErrors)]
    app = Starlette(routes=routes(services), middleware=around)
    checker = ContractChecker(app, contract_of(app))
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", checker, headers={"Host": "localhost"})
    wrong: list[str] = []
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label in LEFT_OUT:
            continue
        for mode in modes(operation.definition.raw):
            wrong += tried(operation, mode, each, statuses)
    # Requests that are all refused at the door would show nothing.
    assert statuses[401] < sum(statuses.values()) / 20 and sum(n for status, n in statuses.items() if status < 300) > 100
    return [*wrong, *checker.broken]


@schemathesis.serializer("application/zip", "text/x-opml", "application/offset+octet-stream")
def plainly(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def tried(operation: Any, mode: GenerationMode, each: int, statuses: Counter[int]) -> list[str]:
    wrong: list[str] = []

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=each,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode), known=some.booleans())
    def request(case: Any, known: bool) -> None:
        for name in case.path_parameters or {}:
            if known and name.endswith("_id"):
                case.path_parameters[name] = 1
        answer = case.call(base_url="http://localhost/api", headers={"Host": "localhost"})
        statuses[answer.status_code] += 1
        if answer.status_code == 500:
            wrong.append(f"{operation.label}: 500 for {case.as_curl_command()[:600]}")

    # Some operations accept everything.
    with contextlib.suppress(hypothesis.errors.Unsatisfiable):
        request()
    return wrong


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolve no generated host names."""

    def unknown(host: Any, *_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


@pytest.fixture
def filled(services: Running) -> Running:
    """Add an episode and a tag, so that ids exist."""
    services.ingest.add_sample(OWNER)
    with TestClient(
        Starlette(routes=routes(services), middleware=[Middleware(AsOwner)]), base_url="http://localhost/api/v1"
    ) as client:
        assert client.post("tags", json={"name": "a tag"}).status_code < 300
    return services


def test_requests_made_of_the_contract_find_no_fault(filled: Running, nowhere: None) -> None:
    assert run_through(filled, 2) == []


@pytest.mark.long
def test_many_requests_made_of_the_contract_find_no_fault(filled: Running, nowhere: None) -> None:
    assert run_through(filled, 60) == []
