"""A cached answer equals the answer that would be computed now, after any change by anyone."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Hashable
from contextlib import closing
from functools import partial
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from core.api.server.answer_cache import ENTRY_BYTES, PATHS, Answer, Key, Remembered, Shelf
from core.domain.episodes.touched_kind import EVERYTHING, NOTHING, TouchedKind
from core.domain.jobs.job import Stage
from core.store.db.sqlite import Database
from core.store.db.touched import kind_of
from core.store.feeds import feeds
from core.store.jobs import jobs, leases, tasks
from core.store.library import reading_states, tags
from core.store.search import backfill
from core.store.text import transcripts
from tests.api.conftest import Running, is_problem
from tests.api.reading.test_transcript import TRANSCRIPT

anew = itertools.count()

Change = Callable[[httpx.Client, Running, int], object]


_PLACE = (
    "INSERT INTO reading_states (user_id, episode_id, position) VALUES (1, {number}, 3) "
    "ON CONFLICT (user_id, episode_id) DO UPDATE SET position = 3"
)


def set_by_program(services: Running, statement: str) -> None:
    code = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()"
    subprocess.run([sys.executable, "-c", code, str(services.store.path), statement], check=True)


def save_transcript(_api: httpx.Client, services: Running, number: int) -> None:
    services.store.write(partial(transcripts.save, episode_id=number, transcript=TRANSCRIPT, now=5.0))


def add_feed(_api: httpx.Client, services: Running, number: int) -> None:
    def change(db: Database) -> None:
        feeds.add(db, {"url": "https://example.org/f", "title": "A show", "next_poll_at": 4e9}, now=1.0)
        db.execute("UPDATE episodes SET feed_id = (SELECT max(id) FROM feeds) WHERE id = ?", [number])

    services.store.write(change)


def tag(_api: httpx.Client, services: Running, number: int) -> None:
    services.store.write(lambda db: tags.put(db, tags.named(db, "later", now=1.0), [number]))


def a_part(_api: httpx.Client, services: Running, number: int) -> None:
    def change(db: Database) -> None:
        (job,) = [each for each in jobs.of_episode(db, number) if each.stage == Stage.FETCH]
        leases.add_checkpoint(db, job, "0", {"start": 0}, now=4.0)
        leases.heartbeat(db, job, now=5.0, progress=0.75, detail={"bytes": 7})

    services.store.write(change)


def place_after_another(api: httpx.Client, services: Running, number: int) -> None:
    """No request between the two: the other program's change must not be mistaken for the position's."""
    set_by_program(services, f"UPDATE episodes SET title = 'sample, of a name, elsewhere' WHERE id = {number}")
    api.put(f"/episodes/{number}/position", json={"seconds": 2.5}).raise_for_status()


def place_with_a_trigger(api: httpx.Client, services: Running, number: int) -> None:
    """A trigger of another program changes more when a position is saved."""
    set_by_program(
        services,
        "CREATE TRIGGER said AFTER UPDATE OF position ON episodes BEGIN "
        "UPDATE episodes SET title = 'sample, named by its place' WHERE id = NEW.id; END",
    )
    api.get("/search?q=named")
    api.put(f"/episodes/{number}/position", json={"seconds": 3.5}).raise_for_status()
    set_by_program(services, "DROP TRIGGER said")


def reword(_api: httpx.Client, services: Running, number: int) -> None:
    def change(db: Database) -> None:
        transcripts.reword(db, number, 0, "Another sentence", ())
        transcripts.touch(db, number, now=6.0)

    services.store.write(change)


def exchanged(_api: httpx.Client, services: Running, number: int) -> None:
    """Replace the library with a copy that has one difference, as a restore does."""
    copy = services.data / "copy.db"
    with closing(sqlite3.connect(services.store.path)) as db, closing(sqlite3.connect(copy)) as other:
        db.backup(other)
        other.execute("UPDATE episodes SET title = 'sample of the copy' WHERE id = ?", [number])
        other.commit()
    services.store.give_up()
    for path in services.data.glob("castmind.db*"):
        path.unlink()
    copy.rename(services.store.path)
    services.store.open()


CHANGES: dict[str, Change] = {
    "title": lambda api, _s, n: api.patch(f"/episodes/{n}", json={"title": "sample of another name"}),
    "position": lambda api, _s, n: api.put(f"/episodes/{n}/position", json={"seconds": 1.5}),
    "star": lambda _a, s, n: s.store.write(lambda db: reading_states.mark(db, 1, [n], column="starred_at", at=3.0)),
    "tag": tag,
    "feed": add_feed,
    "jobs": lambda _a, s, n: s.store.write(lambda db: jobs.enqueue(db, n, priority=1, now=2.0)),
    "progress": lambda _a, s, _n: s.store.write(lambda db: db.execute("UPDATE jobs SET progress = 0.25 WHERE stage = 'fetch'")),
    "claimed": lambda _a, s, _n: s.store.write(lambda db: leases.claim(db, Stage.FETCH, now=3.0)),
    "a part of it": a_part,
    "heard": lambda api, _s, n: api.put(f"/episodes/{n}/position", json={"seconds": 9e6}),
    "place, by another program": lambda _a, s, n: set_by_program(s, _PLACE.format(number=n)),
    "place, after another program": place_after_another,
    "place, with a trigger": place_with_a_trigger,
    "first in the queue": lambda api, _s, n: api.post("/queue/order", json={"episode_id": n, "to": "first"}),
    "cancelled": lambda api, _s, n: api.post(f"/episodes/{n}/cancel", json={"stage": Stage.PUBLISH.value}),
    "transcript": save_transcript,
    "place after it": lambda api, _s, n: api.put(f"/episodes/{n}/position", json={"seconds": 1.0}),
    "word": reword,
    "index": lambda _a, s, _n: s.store.write(backfill.begin_rebuild),
    "a step of it": lambda _a, s, _n: s.store.write(backfill.step),
    "the last step": lambda _a, s, _n: s.store.write(backfill.step),
    "exchanged": exchanged,
    "place in the new one": lambda api, _s, n: api.put(f"/episodes/{n}/position", json={"seconds": 0.5}),
    "another episode": lambda api, _s, _n: api.post("/episodes/import", json={"url": "https://example.org/sample.mp3"}),
    "by another program": lambda _a, s, n: set_by_program(s, f"UPDATE episodes SET title = 'sample, elsewhere' WHERE id = {n}"),
    "jobs, by another program": lambda _a, s, _n: set_by_program(s, "UPDATE jobs SET state = 'failed' WHERE stage = 'publish'"),
    "trash": lambda api, _s, n: api.delete(f"/episodes/{n}"),
    "restored": lambda api, _s, n: api.post(f"/episodes/{n}/restore"),
    "gone": lambda api, _s, n: api.delete(f"/episodes/{n}?now=true"),
}
READS = (
    "/episodes",
    "/episodes?limit=5&count=true",
    "/episodes?sort=title&q=sample",
    "/episodes?deleted=true",
    "/episodes/{n}",
    "/episodes/{n}/transcript",
    "/episodes/{n}/transcript?words=false",
    "/jobs",
    "/jobs?state=failed&limit=3",
    "/search?q=sample",
    "/search?q=name",
    "/search?q=sentence",
)


def test_after_every_change_an_answer_is_that_which_is_made_anew(
    api: httpx.Client, services: Running, episode: dict[str, Any]
) -> None:
    number = episode["id"]
    reads = [path.format(n=number) for path in READS]
    told: dict[str, set[bytes]] = {path: set() for path in reads}
    before = {path: api.get(path) for path in reads}
    for name, change in CHANGES.items():
        result = change(api, services, number)
        assert not isinstance(result, httpx.Response) or result.is_success, (name, result)
        for path in reads:
            again, known = api.get(path), api.get(path, headers={"If-None-Match": before[path].headers.get("etag", "none")})
            made = api.get(path, params={**httpx.URL(path).params, "made": str(next(anew))})
            assert (again.status_code, again.content) == (made.status_code, made.content), (name, path)
            assert headers(again) == headers(made), (name, path)
            unchanged = again.content == before[path].content and "etag" in again.headers
            assert (known.status_code == 304) is unchanged, (name, path)
            if again.is_success:
                told[path].add(again.content)
            before[path] = again
    # The changes had an effect: every path gave more than one answer.
    assert min(len(each) for each in told.values()) > 1, [path for path, each in told.items() if len(each) < 2]


def kinds_of(path: str) -> TouchedKind:
    (kinds,) = [kinds for pattern, kinds in PATHS if pattern.fullmatch(f"/api/v1{path.partition('?')[0]}")]
    return kinds


def test_an_answer_reads_nothing_that_is_of_another_kind_than_its_path(
    api: httpx.Client, services: Running, episode: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By SQLite's own account of the columns that its statements read. Answers that are never cached are exempt."""
    number = episode["id"]
    save_transcript(api, services, number)
    add_feed(api, services, number)
    tag(api, services, number)
    services.store.write(backfill.step)
    read = NOTHING

    def note(action: int, table: str | None, column: str | None, _database: str | None, _inner: str | None) -> int:
        nonlocal read
        if action == sqlite3.SQLITE_READ:
            read |= kind_of(table or "", column)
        return sqlite3.SQLITE_OK

    reading = services.store.read

    def watched() -> Any:
        db = reading()
        db.conn.set_authorizer(note)
        return db

    monkeypatch.setattr(services.store, "read", watched)
    searches = (
        "a feed:show",
        "a -tag:later",
        'a "sentence"',
        "sentence speaker:anna",
        "after:1970 before:2100",
        f"episode:{number}",
        "sample dance sentence",
        "sen*",
        "none",
    )
    queues = ("state=queued", "state=running&state=failed", "limit=1")
    lists = (
        "sort=longest",
        "sort=oldest&unread=true",
        "starred=false",
        "language=en",
        "state=done",
        "deleted=true",
        "count=true",
    )
    paths = [
        *(path.format(n=number) for path in READS),
        *(f"/search?{httpx.QueryParams(q=query)}" for query in searches),
        *(f"/jobs?{query}" for query in queues),
        *(f"/episodes?{query}" for query in lists),
        f"/episodes/{number}/transcript?download=true",
    ]
    seen = dict.fromkeys((EVERYTHING, TouchedKind.WORK | TouchedKind.LIBRARY, TouchedKind.LIBRARY), NOTHING)
    for path in paths:
        read = NOTHING
        given = api.get(path)
        assert given.is_success, given.text
        assert "etag" in given.headers
        assert read in kinds_of(path), path
        seen[kinds_of(path)] |= read
    # And not one kind too many.
    assert all(kinds == found for kinds, found in seen.items())


def test_a_search_is_made_once_while_workers_and_listeners_report(
    api: httpx.Client, services: Running, episode: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    save_transcript(api, services, episode["id"])
    api.put(f"/episodes/{episode['id']}/position", json={"seconds": 0.5}).raise_for_status()
    asked, find = [], services.search.find

    def counted(*question: Any, **how: Any) -> Any:
        asked.append(question)
        return find(*question, **how)

    monkeypatch.setattr(services.search, "find", counted)
    for name in ("progress", "claimed", "a part of it", "jobs", "position"):
        found = api.get("/search?q=sentence")
        assert found.json()["items"], name
        CHANGES[name](api, services, episode["id"])
    task = services.store.write(lambda db: tasks.add(db, tasks.NewTask("index", {}), now=1.0))
    services.store.write(lambda db: tasks.claim(db, task, now=2.0))
    assert api.get("/search?q=sentence").content == found.content
    assert len(asked) == 1
    CHANGES["word"](api, services, episode["id"])
    assert api.get("/search?q=sentence").content != found.content
    assert len(asked) == 2


def headers(given: httpx.Response) -> list[tuple[str, str]]:
    return [pair for pair in given.headers.multi_items() if pair[0] != "date"]


def test_who_has_it_is_told_so_without_its_bytes(api: httpx.Client, episode: dict[str, Any]) -> None:
    for round_, (path, encoding) in enumerate(
        itertools.product(("/episodes", "/jobs", "/search?q=sample"), ("gzip", "identity"))
    ):
        is_told(api, episode["id"], path, {"Accept-Encoding": encoding}, f"sample {round_}")


def is_told(api: httpx.Client, number: int, path: str, asked: dict[str, str], title: str) -> None:
    first = api.get(path, headers=asked)
    etag = first.headers["etag"]
    for names in (etag, f'"other", {etag}', etag.removeprefix("W/")):
        same = api.get(path, headers={**asked, "If-None-Match": names})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
        assert same.headers["cache-control"] == "private, no-cache"
        assert "content-encoding" not in same.headers
        assert "content-length" not in same.headers or same.headers["content-length"] == "0"
    assert api.get(path, headers={**asked, "If-None-Match": '"other"'}).content == first.content
    api.patch(f"/episodes/{number}", json={"title": title}).raise_for_status()
    after = api.get(path, headers={**asked, "If-None-Match": etag})
    assert (after.status_code, after.headers["etag"] != etag) == (200, True)


def test_while_the_library_is_exchanged_nothing_of_the_old_one_is_given(
    api: httpx.Client, services: Running, episode: dict[str, Any]
) -> None:
    assert len(api.get("/episodes").json()["items"]) == 1
    services.store.give_up()
    try:
        assert is_problem(api.get("/episodes"), 503, "restoring")
    finally:
        for path in services.data.glob("castmind.db*"):
            path.unlink()
        services.store.open()
    assert api.get("/episodes").json()["items"] == []
    assert api.get(f"/episodes/{episode['id']}").status_code == 404


# --- cached answers, by client --------------------------------------------------------------------------


class Routes:
    """Routes that count their requests."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"{}") -> None:
        self.asked = 0
        self.status = status
        self.headers = {"etag": 'W/"1"'} if headers is None else headers
        self.body = body
        self.pieces = 1
        self.wait: Callable[[], Awaitable[object]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        if self.wait:
            await self.wait()
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for left in reversed(range(self.pieces)):
            await send({"type": "http.response.body", "body": self.body, "more_body": left > 0})


async def get(app: Remembered, path: str = "/api/v1/episodes", method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """Return status and body; changes the given headers, as the host guard does."""
    said: list[Message] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"].append((b"x-guard", b"1"))
            assert [name for name, _ in message["headers"]].count(b"x-guard") == 1
        said.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    name, _, query = path.partition("?")
    given = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    scope = {"type": "http", "method": method, "path": name, "query_string": query.encode(), "headers": given}
    await app(scope, receive, send)
    return said[0]["status"], b"".join(each.get("body", b"") for each in said[1:])


def always(_kinds: TouchedKind) -> Hashable:
    return 1


def asked_twice(routes: Routes, mark: Callable[[TouchedKind], Hashable | None] = always, **how: Any) -> int:
    """Send the same request twice; return how many reached the routes."""

    async def both() -> tuple[tuple[int, bytes], tuple[int, bytes]]:
        app = Remembered(routes, mark)
        return await get(app, **how), await get(app, **how)

    first, second = asyncio.run(both())
    assert first == second
    return routes.asked


def test_what_says_its_version_is_made_once() -> None:
    assert asked_twice(Routes(body=b"[1, 2]")) == 1
    assert asked_twice(Routes(), path="/api/v1/search?q=a") == 1
    assert asked_twice(Routes(status=304), if_none_match='"1"') == 1


@pytest.mark.parametrize(
    ("routes", "how"),
    [
        (Routes(headers={}), {}),
        (Routes(status=404), {}),
        (Routes(status=500), {}),
        (Routes(status=206), {}),
        (Routes(), {"method": "POST"}),
        (Routes(), {"method": "HEAD"}),
        (Routes(), {"path": "/api/v1/episodes/1/audio"}),
        (Routes(), {"path": "/api/v1/episodes/1/cover"}),
        (Routes(), {"path": "/api/v1/settings"}),
        (Routes(), {"path": "/health"}),
        (Routes(), {"path": "/api/v1/episodes/"}),
        (Routes(body=b"x" * 3_000_000), {}),
    ],
)
def test_all_else_is_made_each_time(routes: Routes, how: dict[str, Any]) -> None:
    assert asked_twice(routes, **how) == 2


def test_what_comes_in_pieces_is_made_each_time_and_comes_whole() -> None:
    routes = Routes(body=b"abc")
    routes.pieces = 3
    app = Remembered(routes, always)
    assert asyncio.run(get(app)) == asyncio.run(get(app)) == (200, b"abcabcabc")
    assert routes.asked == 2


def test_without_a_mark_everything_is_made_each_time() -> None:
    assert asked_twice(Routes(), mark=lambda _kinds: None) == 2
    count = itertools.count()
    assert asked_twice(Routes(), mark=lambda _kinds: next(count)) == 2


def test_another_question_gets_another_answer() -> None:
    routes = Routes()
    app = Remembered(routes, always)
    ways: list[dict[str, Any]] = [
        {},
        {"path": "/api/v1/episodes?limit=1"},
        {"path": "/api/v1/episodes?limit=2"},
        {"path": "/api/v1/episodes/1"},
        {"accept_encoding": "gzip"},
    ]

    async def all_of_them() -> None:
        for number, how in enumerate(ways):
            routes.body = str(number).encode()
            assert await get(app, **how) == (200, routes.body)
        for number, how in enumerate(ways):
            assert await get(app, **how) == (200, str(number).encode())

    asyncio.run(all_of_them())
    assert routes.asked == len(ways)


def test_many_who_ask_at_once_are_answered_by_one_work() -> None:
    async def everybody() -> list[tuple[int, bytes]]:
        routes.wait = asyncio.Event().wait
        going = asyncio.Event()
        routes.wait = going.wait
        asking = [asyncio.ensure_future(get(app)) for _ in range(50)]
        while not routes.asked:
            await asyncio.sleep(0)
        going.set()
        return await asyncio.gather(*asking)

    routes = Routes(body=b"[]")
    app = Remembered(routes, always)
    assert asyncio.run(everybody()) == [(200, b"[]")] * 50
    assert routes.asked == 1


@pytest.mark.parametrize("end", ["cancelled", "raises", "fails"])
def test_who_waits_for_a_work_that_comes_to_nothing_has_it_done(end: str) -> None:
    async def everybody() -> list[Any]:
        going = asyncio.Event()

        async def wait() -> None:
            first = routes.asked == 1
            await going.wait()
            for _ in range(routes.asked):
                await asyncio.sleep(0)
            if first and end == "raises":
                raise ValueError(end)
            routes.status = 503 if first and end == "fails" else 200

        routes.wait = wait
        asking = [asyncio.ensure_future(get(app)) for _ in range(5)]
        while not routes.asked:
            await asyncio.sleep(0)
        if end == "cancelled":
            asking[0].cancel()
        going.set()
        return await asyncio.gather(*asking, return_exceptions=True)

    routes = Routes(body=b"[]")
    app = Remembered(routes, always)
    first, *others = asyncio.run(everybody())
    assert (first == (503, b"[]")) is (end == "fails")
    assert isinstance(first, BaseException) is (end != "fails")
    assert others == [(200, b"[]")] * 4
    assert asyncio.run(get(app)) == (200, b"[]")


def test_who_does_not_read_keeps_nobody_waiting() -> None:
    async def everybody() -> tuple[int, bytes]:
        async def never(_message: Message) -> None:
            await asyncio.Event().wait()

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        scope = {"type": "http", "method": "GET", "path": "/api/v1/jobs", "query_string": b"", "headers": []}
        stuck = asyncio.ensure_future(app(scope, receive, never))
        while not routes.asked:
            await asyncio.sleep(0)
        try:
            return await get(app, path="/api/v1/jobs")
        finally:
            stuck.cancel()

    routes = Routes(body=b"[]")
    app = Remembered(routes, always)
    assert asyncio.run(everybody()) == (200, b"[]")
    assert routes.asked == 1


def test_a_shelf_never_holds_more_than_it_may() -> None:
    keys = [Key(str(number), b"", False, 1) for number in range(100)]
    shelf = Shelf(most_bytes=10 * (ENTRY_BYTES + 100))
    for number, key in enumerate(keys):
        shelf.keep(1, key, answer(50))
        shelf.find(1, keys[0])
        shelf.keep(1, key, answer(number % 300))
        assert shelf.bytes <= 10 * (ENTRY_BYTES + 100)
    there = [number for number, key in enumerate(keys) if shelf.find(1, key) is not None]
    # The frequently requested answer, and the latest ones.
    assert there[0] == 0
    assert there[1:] == list(range(100 - len(there) + 1, 100))
    for key in keys:
        assert shelf.find(2, key) is None
    assert shelf.bytes == 0
    shelf.keep(1, keys[0], answer(1))
    shelf.keep(2, keys[1], answer(1))
    assert shelf.find(2, keys[1]) is not None
    assert shelf.find(2, keys[0]) is None
    assert shelf.bytes == answer(1).size


def answer(size: int) -> Answer:
    return Answer(200, (), b"x" * size, b'"1"')


def test_json_that_is_given_again_is_the_same_json(api: httpx.Client, episode: dict[str, Any]) -> None:
    bodies = {json.dumps(api.get("/episodes", headers={"Accept-Encoding": each}).json()) for each in ("gzip", "identity") * 2}
    assert len(bodies) == 1
