"""The previous version's contract holds: a client's requests are still accepted, the fields it reads still exist.

    openapi.json of that version ─▶ each operation, with schemas inlined ─▶ equal, except additions

Texts are compared too: descriptions, summaries, titles, tags, operation ids. A description that lists error codes may list more.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette

from core.api.routes import routes
from tests.api.conftest import Running, contract_of
from tests.fixtures.library_before import CONTRACT

Json = dict[str, Any]
BEFORE: Json = json.loads(CONTRACT.read_text(encoding="utf-8"))
CODE = re.compile(r"[a-z0-9_]+").fullmatch


class Contract:
    def __init__(self, document: Json) -> None:
        self.document = document

    def resolved(self, node: Any) -> Any:
        """Resolve a `$ref`; return anything else unchanged."""
        while isinstance(node, dict) and "$ref" in node:
            found: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def operations(self) -> Json:
        return {f"{method} {path}": each for path, methods in self.document["paths"].items() for method, each in methods.items()}


class Changes:
    """Every place where `now` removes something from `before`, or requires more."""

    def __init__(self, before: Contract, now: Contract) -> None:
        self._before = before
        self._now = now

    def of(self, was: Any, now: Any, at: str, *, sent: bool) -> Iterator[str]:
        """Collect changes. `sent`: the client sends this value; otherwise it reads it."""
        was, now = self._before.resolved(was), self._now.resolved(now)
        if isinstance(was, dict) and isinstance(now, dict):
            yield from self._of_objects(was, now, at, sent)
        elif isinstance(was, list) and isinstance(now, list):
            yield from self._of_lists(was, now, at, sent)
        elif was != now and not (at.endswith(".description") and _lists_more_codes(was, now)):
            yield f"{at}: {was!r} became {now!r}"

    def _of_objects(self, was: Json, now: Json, at: str, sent: bool) -> Iterator[str]:
        for key, value in was.items():
            if key == "required" and isinstance(value, list):
                yield from _required(value, now.get(key, []), was, f"{at}.required", sent)
            elif key == "parameters":
                yield from self._of_parameters(value, now.get(key, []), at)
            elif key not in now:
                yield f"{at}.{key} is gone"
            else:
                yield from self.of(value, now[key], f"{at}.{key}", sent=sent or key == "requestBody")
        if "parameters" in now and "parameters" not in was:
            yield from self._of_parameters([], now["parameters"], at)
        if "required" in now and "required" not in was:
            yield from _required([], now["required"], was, f"{at}.required", sent)
        for limit in sorted((now.keys() - was.keys()) & LIMITS):
            yield f"{at}.{limit} is new"

    def _of_lists(self, was: list[Any], now: list[Any], at: str, sent: bool) -> Iterator[str]:
        if at.endswith((".enum", ".type")) or not any(isinstance(each, dict) for each in was):
            yield from (f"{at}: {each!r} is gone" for each in was if each not in now)
            return
        for number, each in enumerate(was):
            found = [list(self.of(each, other, f"{at}[{number}]", sent=sent)) for other in now]
            if [] not in found:
                yield from min(found, key=len, default=[f"{at}[{number}] is gone"])

    def _of_parameters(self, was: list[Any], now: list[Any], at: str) -> Iterator[str]:
        old = {(each["in"], each["name"]): each for each in map(self._before.resolved, was)}
        new = {(each["in"], each["name"]): each for each in map(self._now.resolved, now)}
        for key, each in old.items():
            if key not in new:
                yield f"{at}: the parameter {key[1]} is gone"
            else:
                yield from self.of(each, new[key], f"{at}: {key[1]}", sent=True)
        yield from (
            f"{at}: the new parameter {key[1]} is required" for key in new.keys() - old.keys() if new[key].get("required")
        )


LIMITS = {
    "maximum",
    "minimum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "enum",
    "const",
    "type",
}


def _lists_more_codes(was: Any, now: Any) -> bool:
    """Return whether both are a phrase and a list of error codes, such as "Conflict: conflict, setting_locked", none removed."""
    if not (isinstance(was, str) and isinstance(now, str)):
        return False
    (phrase, colon, codes), (phrase_now, colon_now, codes_now) = was.partition(": "), now.partition(": ")
    listed, listed_now = set(codes.split(", ")), set(codes_now.split(", "))
    return bool(colon and colon_now) and phrase == phrase_now and all(map(CODE, listed_now)) and listed <= listed_now


def _required(was: list[str], now: Any, schema: Json, at: str, sent: bool) -> Iterator[str]:
    if not sent:
        yield from (f"{at}: {name} may be left out" for name in was if name not in now)
    else:
        yield from (f"{at}: {name} is asked for" for name in now if name not in was)


def changes(before: Json, now: Json) -> list[str]:
    old, new = Contract(before), Contract(now)
    found: list[str] = []
    for name, operation in old.operations().items():
        if name not in new.operations():
            found.append(f"{name} is gone")
            continue
        compared = Changes(old, new).of(operation, new.operations()[name], name, sent=False)
        if not operation.get("requestBody", {}).get("required") and new.operations()[name].get("requestBody", {}).get("required"):
            found.append(f"{name}: a body is asked for")
        found += compared
    return found


def test_nothing_of_the_contract_of_the_version_before_is_gone_and_nothing_more_is_asked_for(services: Running) -> None:
    assert len(BEFORE["paths"]) > 50
    now = contract_of(Starlette(routes=routes(services)))
    assert changes(BEFORE, now) == []
    assert now["components"]["schemas"].keys() >= BEFORE["components"]["schemas"].keys()  # clients have classes of these names


def test_an_addition_is_no_change() -> None:
    now = copy.deepcopy(BEFORE)
    now["paths"]["/v1/new"] = {"get": {"responses": {"200": {"description": "new"}}}}
    now["components"]["schemas"]["NewFeed"]["properties"]["more"] = {"type": "string"}
    now["components"]["schemas"]["Statistics"]["properties"]["more"] = {"type": "string"}
    now["components"]["schemas"]["Statistics"]["required"].append("more")
    now["components"]["schemas"]["Sort"]["enum"].append("liked")
    now["paths"]["/v1/feeds"]["get"]["parameters"] = [{"name": "more", "in": "query", "required": False, "schema": {}}]
    now["components"]["responses"]["NotFound"]["description"] += ", one_more"
    assert changes(BEFORE, now) == []


def _schema(now: Json, name: str) -> Json:
    found: Json = now["components"]["schemas"][name]
    return found


TAKEN_AWAY: dict[str, Callable[[Json], object]] = {
    "a path": lambda now: now["paths"].pop("/v1/tags"),
    "a method": lambda now: now["paths"]["/v1/tags"].pop("post"),
    "a parameter": lambda now: now["paths"]["/v1/search"]["get"]["parameters"].pop(),
    "an answer": lambda now: now["paths"]["/v1/tags"]["get"]["responses"].pop("200"),
    "a field that is sent": lambda now: _schema(now, "NewFeed")["properties"].pop("folder"),
    "a field that is read": lambda now: _schema(now, "Statistics")["properties"].pop("hours"),
    "the promise of a field": lambda now: _schema(now, "Statistics")["required"].remove("hours"),
    "a value": lambda now: _schema(now, "Sort")["enum"].remove("longest"),
    "a kind of body": lambda now: now["paths"]["/v1/episodes"]["post"]["requestBody"]["content"].pop("multipart/form-data"),
}
ASKED_FOR: dict[str, Callable[[Json], object]] = {
    "a field": lambda now: _schema(now, "NewFeed")["required"].append("folder"),
    "a first field": lambda now: _schema(now, "Regeneration").update(required=["model"]),
    "a parameter": lambda now: now["paths"]["/v1/feeds"]["get"].update(
        parameters=[{"name": "more", "in": "query", "required": True, "schema": {}}]
    ),
    "a parameter that could be left out": lambda now: now["paths"]["/v1/statistics"]["get"]["parameters"][0].update(
        required=True
    ),
    "another type": lambda now: _schema(now, "NewFeed")["properties"]["folder"].update(type="integer"),
    "fewer": lambda now: _schema(now, "NewFeed")["properties"]["folder"].update(maxLength=10),
    "a shape": lambda now: _schema(now, "NewFeed")["properties"]["folder"].update(pattern="a+"),
}

REWORDED: dict[str, Callable[[Json], object]] = {
    "a schema": lambda now: _schema(now, "Origin").update(description="In other words."),
    "an operation": lambda now: now["paths"]["/v1/feeds"]["get"].update(summary="In other words"),
    "an operation's name": lambda now: now["paths"]["/v1/feeds"]["get"].update(operationId="feeds_again"),
    "the department of an operation": lambda now: now["paths"]["/v1/feeds"]["get"].update(tags=["others"]),
    "a list that lost a code": lambda now: now["components"]["responses"]["NotFound"].update(description="Not Found: not_found"),
}


@pytest.mark.parametrize(
    "change",
    [*TAKEN_AWAY.values(), *ASKED_FOR.values(), *REWORDED.values()],
    ids=[*TAKEN_AWAY, *(f"ask for {n}" for n in ASKED_FOR), *(f"reword {n}" for n in REWORDED)],
)
def test_less_of_it_more_asked_for_or_other_words_are_told(change: Callable[[Json], object]) -> None:
    now = copy.deepcopy(BEFORE)
    change(now)
    assert changes(BEFORE, now) != []
