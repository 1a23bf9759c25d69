"""Holds every answer of the API against the contract that the same server gives out."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.contract import operations

Json = dict[str, Any]
API = "/api"
# Nobody is left to hear it.
CLIENT_CLOSED = 499


class ContractChecker:
    """A middleware around the whole app; `broken` are the answers that the contract does not know."""

    def __init__(self, app: ASGIApp, contract: Json) -> None:
        self._app = app
        self._contract = contract
        self._known = [
            (len(re.findall(r"{", path)), re.compile(API + re.sub(r"{[^}]+}", "[^/]+", path)), method, operation)
            for path, method, operation in operations(contract)
        ]
        self._known.sort(key=lambda known: known[0])
        self.broken: list[str] = []
        self.seen: set[tuple[str, int]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._operation(scope) if scope["type"] == "http" else None
        if operation is None:
            await self._app(scope, receive, send)
            return
        what, start, body = f"{scope['method']} {scope['path']}", dict[str, Any](), bytearray()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif start["status"] >= 400:
                body.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._check(what, operation, start, bytes(body))
            await send(message)

        await self._app(scope, receive, watched)

    def _operation(self, scope: Scope) -> Json | None:
        """The one that is meant; a path with a fixed word goes before one with a place for any."""
        found = (known for known in self._known if known[1].fullmatch(scope["path"]))
        return next((op for _, _, method, op in found if method.upper() == scope["method"]), None)

    def _check(self, what: str, operation: Json, start: Message, body: bytes) -> None:
        status = start["status"]
        if status == CLIENT_CLOSED:
            return
        self.seen.add((operation["operationId"], status))
        answer = operation["responses"].get(str(status))
        kind = dict(start["headers"]).get(b"content-type", b"").decode().partition(";")[0]
        if answer is None:
            self.broken.append(f"{what}: {status} is in no contract")
            return
        if "$ref" in answer:
            answer = self._contract["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        content = answer.get("content", {})
        # A body that may be of any kind is described by its route's text.
        if kind and content and kind not in content:
            self.broken.append(f"{what}: {status} with {kind}, not {' or '.join(content)}")
        elif status >= 400 and body and kind in content:
            schema = {**content[kind]["schema"], "components": self._contract["components"]}
            try:
                jsonschema_rs.validate(schema, json.loads(body))
            except jsonschema_rs.ValidationError as error:
                self.broken.append(f"{what}: {status}, {error.message}: {body[:300]!r}")
