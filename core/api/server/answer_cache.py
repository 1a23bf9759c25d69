"""Cache responses until the data that they show changes.

    GET of one of PATHS ─▶ mark of the kinds that it shows ─▶ cached with this mark? ─▶ the same bytes, or 304
                                                               └─ being made for another request? ─▶ wait for it
                                                                    └─ the routes ─▶ 200 or 304 with an ETag? ─▶ cached

A response is made after its mark was taken, and served while the mark is the same: so a request after a change sees the change,
whichever program made it. `core/store/db/changes.py` defines marks, `touched.py` the kinds; a response may only read data of the
kinds in PATHS (the tests compare them with the tables that SQLite is asked for).

An ETag marks a response that depends on the library alone: a response that also depends on the time, a file or a setting must
have no ETag, or its path must not be in PATHS. Memory: MOST_BYTES in total.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.domain.accounts.actor import IN_SCOPE, Actor
from core.domain.episodes.touched_kind import EVERYTHING, TouchedKind

# A path, and the kinds of data in its response.
PATHS = (
    (re.compile(r"/api/v1/episodes(?:/\d{1,19})?"), EVERYTHING),
    (re.compile(r"/api/v1/jobs"), TouchedKind.WORK | TouchedKind.LIBRARY),
    (re.compile(r"/api/v1/(?:search|episodes/\d{1,19}/transcript)"), TouchedKind.LIBRARY),
)
MOST_BYTES = 16_000_000
LARGEST = 2_000_000
# Bytes of a key and the headers, besides the body.
ENTRY_BYTES = 2_000

Header = tuple[bytes, bytes]


class Key(NamedTuple):
    """The parts of a request that decide its response: lists show the marks of who asks.

    `known` is If-None-Match: b"" for a complete response.
    """

    path: str
    query: bytes
    gzip: bool
    user_id: int
    known: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as the routes made it. `etag` is the tag with its quotation marks, without W/."""

    status: int
    headers: tuple[Header, ...]
    body: bytes
    etag: bytes

    @property
    def size(self) -> int:
        return len(self.body) + ENTRY_BYTES

    def unchanged(self) -> Answer:
        """Return the 304 for clients that have this version."""
        left_out = (b"content-length", b"content-type", b"content-encoding")
        return Answer(304, tuple(pair for pair in self.headers if pair[0].lower() not in left_out), b"", self.etag)


class Shelf:
    """Responses with their marks; the least recently used are evicted first. For use within one event loop."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._answers: OrderedDict[Key, tuple[Hashable, Answer]] = OrderedDict()
        self.bytes = 0

    def find(self, mark: Hashable, key: Key) -> Answer | None:
        found = self._answers.get(key)
        if found is None:
            return None
        if found[0] != mark:
            self._let_go(key)
            return None
        self._answers.move_to_end(key)
        return found[1]

    def keep(self, mark: Hashable, key: Key, answer: Answer) -> None:
        if answer.size > LARGEST:
            return
        self._let_go(key)
        self._answers[key] = mark, answer
        self.bytes += answer.size
        while self.bytes > self._most:
            self._let_go(next(iter(self._answers)))

    def _let_go(self, key: Key) -> None:
        if (old := self._answers.pop(key, None)) is not None:
            self.bytes -= old[1].size


class Remembered:
    """A middleware inside the guard, around everything that makes responses. `mark` is Library.mark."""

    def __init__(self, app: ASGIApp, mark: Callable[[TouchedKind], Hashable | None]) -> None:
        self._app = app
        self._mark = mark
        self._shelf = Shelf()
        self._being_made: dict[tuple[Hashable, Key], asyncio.Future[Answer | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kinds = _shown(scope)
        if kinds is None or (mark := self._mark(kinds)) is None:
            await self._app(scope, receive, send)
            return
        key = _key(scope)
        found = self._find(mark, key)
        if found is None and (other := self._being_made.get((mark, key))) is not None:
            found = await other
        if found is None:
            await self._make(mark, key, scope, receive, send)
        else:
            await _give(found, send)

    def _find(self, mark: Hashable, key: Key) -> Answer | None:
        found = self._shelf.find(mark, key._replace(known=b""))
        if found is None:
            return self._shelf.find(mark, key) if key.known else None
        return found.unchanged() if key.known and found.etag in key.known else found

    async def _make(self, mark: Hashable, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        made: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        # If a shared computation gives no cacheable response, its waiters compute in parallel; later requests wait for the first.
        first = self._being_made.setdefault((mark, key), made) is made
        head: Message = {}

        async def sending(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start":
                # Sent together with the start of the body: a client that does not read must not block the waiters.
                head = message
                return
            if not made.done():
                answer = _lasting(head, message)
                if answer is not None:
                    self._shelf.keep(mark, key if answer.status == 304 else key._replace(known=b""), answer)
                made.set_result(answer)
                await send(head)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            if first:
                del self._being_made[mark, key]
            if not made.done():
                made.set_result(None)


def _shown(scope: Scope) -> TouchedKind | None:
    """Return the kinds of data in the response to this request; None if it is never cached."""
    if scope["type"] == "http" and scope["method"] == "GET":
        for path, kinds in PATHS:
            if path.fullmatch(scope["path"]):
                return kinds
    return None


def _key(scope: Scope) -> Key:
    encodings = known = b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            encodings = value
        elif name == b"if-none-match":
            known = value
    actor: Actor | None = scope.get(IN_SCOPE)
    return Key(scope["path"], scope["query_string"], b"gzip" in encodings, actor.user_id if actor else 0, known)


def _lasting(head: Message, message: Message) -> Answer | None:
    """Return the response if it is complete and has an ETag."""
    if head.get("status") not in (200, 304) or message.get("more_body", False):
        return None
    for name, value in head["headers"]:
        if name.lower() == b"etag":
            # A copy, because senders append to the list.
            return Answer(head["status"], tuple(head["headers"]), message.get("body", b""), value.removeprefix(b"W/"))
    return None


async def _give(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
    await send({"type": "http.response.body", "body": answer.body})
