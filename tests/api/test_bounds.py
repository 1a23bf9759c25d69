"""Every number in a request, read from the live contract: a number too large for SQLite never causes a server error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from core.api.bounds import LANGUAGE_LENGTH
from core.store.db.row_rules import LANGUAGE_BYTES
from tests.api.conftest import SAMPLES

TOO_LARGE = (2**63, -(2**63) - 1, 10**400)
NO_NUMBERS = ("NaN", "-1e999")
Json = dict[str, Any]


def kinds(schema: Json, contract: Json) -> Iterator[Json]:
    """Yield the schema and its parts, with references resolved."""
    if "$ref" in schema:
        schema = contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield schema
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from kinds(part, contract)


def is_number(schema: Json, contract: Json, *names: str) -> bool:
    return any(kind.get("type") in names for kind in kinds(schema, contract))


def operations(contract: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def body_of(operation: Json) -> Json | None:
    found: Json | None = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return found


def bodies(schema: Json, contract: Json, *, kind: tuple[str, ...], depth: int = 0) -> Iterator[Any]:
    """Yield valid JSON values with a placeholder in place of one number each."""
    if depth > 5:
        return
    for each in kinds(schema, contract):
        if each.get("type") in kind:
            yield "@"
        if each.get("type") == "array":
            yield from ([inner] for inner in bodies(each["items"], contract, kind=kind, depth=depth + 1))
        for name, value in each.get("properties", {}).items():
            others = {other: "1" for other in each.get("required", ()) if other != name}
            yield from ({**others, name: inner} for inner in bodies(value, contract, kind=kind, depth=depth + 1))


@pytest.fixture
def contract(api: httpx.Client) -> Json:
    found: Json = api.get("/openapi.json").json()
    return found


def is_refused(answer: httpx.Response) -> bool:
    return 400 <= answer.status_code < 500 and (
        answer.request.method == "HEAD" or answer.headers["content-type"] == "application/problem+json"
    )


def test_every_integer_of_the_contract_has_bounds(contract: Json) -> None:
    unbound = [
        f"{method} {path} {parameter['name']}"
        for method, path, operation in operations(contract)
        for parameter in operation.get("parameters", ())
        for kind in kinds(parameter["schema"], contract)
        if kind.get("type") == "integer" and not {"maximum", "minimum"} <= kind.keys()
    ]
    assert unbound == []


def test_no_parameter_is_too_large_for_the_database(client: httpx.Client, contract: Json) -> None:
    asked = 0
    for method, path, operation in operations(contract):
        for parameter in operation.get("parameters", ()):
            if not is_number(parameter["schema"], contract, "integer", "number"):
                continue
            for value in (*TOO_LARGE, *NO_NUMBERS):
                place, query, headers = f"/api{path}", {}, {"Tus-Resumable": "1.0.0"}
                if parameter["in"] == "path":
                    place = place.replace(f"{{{parameter['name']}}}", str(value))
                elif parameter["in"] == "query":
                    query[parameter["name"]] = str(value)
                else:
                    headers[parameter["name"]] = str(value)
                for other in operation["parameters"]:
                    place = place.replace(f"{{{other['name']}}}", "1")
                    if other["in"] == "query" and other.get("required"):
                        query.setdefault(other["name"], "1")
                answer = client.request(method, place, params=query, headers=headers)
                assert is_refused(answer), (method, place, query, headers, answer.status_code)
                asked += 1
    assert asked > 200


def bodies_of_all(contract: Json, *, kind: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield (method, path, JSON) of every operation with a body, for each value of that kind; `"@"` is the placeholder."""
    for method, path, operation in operations(contract):
        schema = body_of(operation)
        if schema is None:
            continue
        place = f"/api{path}"
        for parameter in operation.get("parameters", ()):
            place = place.replace(f"{{{parameter['name']}}}", "1")
        for shape in bodies(schema, contract, kind=kind):
            yield method, place, json.dumps(shape)


def test_no_number_in_a_body_is_too_large(client: httpx.Client, contract: Json) -> None:
    asked = 0
    for method, place, shape in bodies_of_all(contract, kind=("integer", "number")):
        for value in (*map(str, TOO_LARGE), *NO_NUMBERS, "9" * 5000):
            text = shape.replace('"@"', value)
            answer = client.request(method, place, content=text, headers={"Content-Type": "application/json"})
            assert is_refused(answer), (method, place, text[:200], answer.status_code)
            asked += 1
    assert asked > 60


@pytest.mark.parametrize("name", ["max_upload_gb", "min_free_gb", "poll_minutes", "keep_newest", "ollama_num_ctx", "backlog"])
@pytest.mark.parametrize("value", ["1e308", "NaN", "Infinity", str(2**63), "9" * 400])
def test_settings_have_bounds_too(api: httpx.Client, name: str, value: str) -> None:
    answer = api.patch("/settings", content=f'{{"{name}": {value}}}', headers={"Content-Type": "application/json"})
    assert is_refused(answer), answer.text
    assert api.get("/settings").status_code == 200


@pytest.mark.parametrize("ids", [str(2**63), f"1,{-(2**63) - 1}", "9" * 4500, "1,,2", "x"])
def test_ids_in_a_link_have_bounds(api: httpx.Client, ids: str) -> None:
    assert is_refused(api.get("/exports", params={"ids": ids}))


@pytest.mark.parametrize(
    "cursor", [f"[1.0, {2**63}]", "[NaN, 1e999]", f"[{10**400}, 1]", '["a", 1]', "[1]", "9" * 5000, "[1, null]", "{}"]
)
def test_a_cursor_has_bounds(api: httpx.Client, cursor: str) -> None:
    assert is_refused(api.get("/episodes", params={"cursor": cursor}))


@pytest.mark.parametrize("cursor", [f'["a", {2**64}]', '["\\ud800", 1]', "[1.0, 1]"])
def test_a_cursor_of_titles_has_bounds(api: httpx.Client, cursor: str) -> None:
    assert is_refused(api.get("/episodes", params={"cursor": cursor, "sort": "title"}))


def texts_without_bounds(schema: Json, contract: Json, at: str, depth: int = 0) -> Iterator[str]:
    for each in kinds(schema, contract):
        told = each.keys() & {"maxLength", "enum", "const", "pattern", "format"}
        if each.get("type") == "string" and (not told or (each.get("format") == "password" and "maxLength" not in each)):
            yield at
        if depth < 6:
            if each.get("type") == "array":
                yield from texts_without_bounds(each["items"], contract, f"{at}[]", depth + 1)
            for name, value in each.get("properties", {}).items():
                yield from texts_without_bounds(value, contract, f"{at}.{name}", depth + 1)
            if isinstance(more := each.get("additionalProperties"), dict):
                yield from texts_without_bounds(more, contract, f"{at}.*", depth + 1)


def test_every_text_of_a_body_has_bounds(contract: Json) -> None:
    found = [
        each
        for method, path, operation in operations(contract)
        if (schema := body_of(operation)) is not None
        for each in texts_without_bounds(schema, contract, f"{method} {path}")
    ]
    assert found == []


@pytest.mark.parametrize("text", [r'"\ud800"', r'"a\udfffb"', r'"\udc00\ud800"', r'"\ud83d"'])
def test_half_a_character_in_a_body_is_no_fault(client: httpx.Client, contract: Json, text: str) -> None:
    asked = 0
    for method, place, shape in bodies_of_all(contract, kind=("string",)):
        content = shape.replace('"@"', text)
        answer = client.request(method, place, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (method, place, content[:200], answer.status_code)
        asked += 1
    assert asked > 20


@pytest.mark.parametrize("language", ["x" * 51, "中" * 51, "en" * 5000])
def test_no_language_is_kept_that_a_restore_would_refuse(client: httpx.Client, language: str) -> None:
    with (SAMPLES / "en_short.wav").open("rb") as file:
        added = client.post("/api/v1/episodes", files={"file": ("a.wav", file)}, data={"language": language})
    assert added.status_code in (200, 201) and len((added.json()["language"] or "").encode()) <= LANGUAGE_BYTES
    for name, place, method in (
        ("language", f"/api/v1/episodes/{added.json()['id']}", "PATCH"),
        ("notes_language", f"/api/v1/episodes/{added.json()['id']}", "PATCH"),
        ("language", f"/api/v1/episodes/{added.json()['id']}/transcribe", "POST"),
        ("language", f"/api/v1/episodes/{added.json()['id']}/summaries", "POST"),
    ):
        assert is_refused(client.request(method, place, json={name: language})), (method, place)
    assert LANGUAGE_LENGTH * 4 <= LANGUAGE_BYTES
