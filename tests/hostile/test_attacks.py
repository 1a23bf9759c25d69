"""Attacks on a running server, over raw connections where a client library would be too polite.

SQL, the search, paths out of the folder, requests that are none, senders that stop midway, lines smuggled into logs
"""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.fixtures.many_episodes import fill
from tests.running import RunningApp

EPISODES = 5
INJECTED = (
    "' OR 1=1 --",
    "'; DROP TABLE episodes; --",
    '" UNION SELECT name, value FROM settings --',
    "1) OR (SELECT count(*) FROM users) > 0",
    "\x00'",
    "%' ESCAPE '",
    "${jndi:ldap://127.0.0.1/x}",
    "{{7*7}}",
)
# What FTS5 takes for operators, columns, prefixes and unclosed phrases.
QUERIES = (
    *INJECTED,
    '"',
    '"unclosed',
    "NEAR(a b, 999999999)",
    "a AND",
    "OR",
    "NOT NOT",
    "title:*",
    "rowid:1",
    "{title} : x",
    "^a",
    "a + + b",
    "(((((((((((((((((((",
    "*" * 200,
    "a*" * 100,
    "-" * 100,
)
SECRET = "sqlite"  # how the file of the database begins, in lower case
PATHS = (
    b"/../data/castmind.db",
    b"/app/static/../../data/castmind.db",
    b"/app/static/%2e%2e/%2e%2e/data/castmind.db",
    b"/app/static/..%2f..%2fdata/castmind.db",
    b"/app/static/....//....//data/castmind.db",
    b"/app/static/..\\..\\data\\castmind.db",
    b"/static/%252e%252e/castmind.db",
    b"//etc/passwd",
    b"/component/../../castmind.db",
    b"/static/joined-0/../../../../etc/passwd",
    b"/api/v1/../../castmind.db",
    b"/api/v1/episodes/1/audio/../../../../castmind.db",
    b"/api/v1/backups/..%2fcastmind.db",
    b"/api/v1/backups/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    b"/media/..%2f..%2fcastmind.db",
    b"/%00",
    b"/castmind.db%00.png",
)
NONSENSE = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {host}\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"POST /api/v1/tags HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/v1/tags HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /api/v1/tags HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
)
SMUGGLED = "one\n2026-01-01 00:00:00 CRITICAL castmind.audit sign_in done\r\x1b[2J\u2028two"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    data = tmp_path_factory.mktemp("attacked") / "data"
    data.mkdir()
    fill(data, EPISODES)
    with RunningApp(data, CASTMIND_NOTES_ENGINE="extractive", CASTMIND_WHISPER_MODEL="demo") as app:
        yield app


@pytest.fixture
def app(attacked: RunningApp) -> Iterator[RunningApp]:
    """After each attack the library is whole, and the server answers."""
    yield attacked
    assert attacked.client.get("/health/ready").status_code == 200
    with closing(sqlite3.connect(f"file:{attacked.data / 'castmind.db'}?mode=ro", uri=True)) as db:
        assert db.execute("SELECT count(*) FROM episodes").fetchone() == (EPISODES,)
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)


def said(app: RunningApp, request: bytes) -> bytes:
    """Return what the server answers to these bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", app.port), timeout=60.0) as connection:
        answer = b""
        try:
            connection.sendall(request.replace(b"{host}", f"127.0.0.1:{app.port}".encode()))
            while block := connection.recv(65536):
                answer += block
        except (ConnectionResetError, BrokenPipeError):
            return answer
    return answer


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_words_and_never_a_program(app: RunningApp, query: str) -> None:
    for path in ("/api/v1/search", "/api/v1/episodes", "/api/v1/quick-search", "/api/v1/highlights"):
        answer = app.client.get(path, params={"q": query})
        assert answer.status_code in (200, 404, 422), (path, answer.text)
        assert "no such column" not in answer.text and "syntax error" not in answer.text


def test_a_query_that_is_no_text_is_refused(app: RunningApp) -> None:
    for query in (b"%ED%A0%BD", b"%FF%FE", b"%C0%AF", b"%00", b"\xff\xfe"):
        answer = said(app, b"GET /api/v1/search?q=" + query + b" HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 4")), answer[:200]


@pytest.mark.parametrize("value", INJECTED)
@pytest.mark.parametrize("name", ["sort", "state", "tag", "feed", "language", "cursor", "person", "view"])
def test_a_filter_is_a_value_and_never_a_program(app: RunningApp, name: str, value: str) -> None:
    answer = app.client.get("/api/v1/episodes", params={name: value})
    assert answer.status_code in (200, 404, 422), answer.text
    assert len(answer.json().get("items", [])) <= EPISODES and "syntax error" not in answer.text


def test_a_name_is_stored_as_it_is(app: RunningApp) -> None:
    for number, name in enumerate(INJECTED):
        title = name.replace("\x00", "")
        assert app.client.patch("/api/v1/episodes/1", json={"title": title}).status_code == 200
        assert app.client.get("/api/v1/episodes/1").json()["title"] == title.strip(), number


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_no_path_leads_out_of_a_folder(app: RunningApp, method: bytes, path: bytes) -> None:
    answer = said(app, method + b" " + path + b" HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    # Streamlit answers what it does not know with its page.
    page = answer.startswith(b"HTTP/1.1 200") and b"content-type: text/html" in answer
    assert page or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 307")), answer[:200]
    assert SECRET.encode() not in answer.lower() and b"root:" not in answer


@pytest.mark.parametrize("request_", NONSENSE, ids=range(len(NONSENSE)))
def test_what_is_no_request_is_refused_and_the_server_goes_on(app: RunningApp, request_: bytes) -> None:
    before = app.client.get("/api/v1/tags").json()
    answer = said(app, request_)
    assert not answer or answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert app.client.get("/api/v1/tags").json() == before


def test_senders_that_stop_midway_keep_nobody_out(app: RunningApp) -> None:
    head = f"POST /api/v1/episodes HTTP/1.1\r\nHost: 127.0.0.1:{app.port}\r\n"
    beginnings = (
        "GET / HT",
        head,
        f"{head}Content-Length: 1000000\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n",
        f"{head.replace('/episodes', '/tags')}Content-Length: 1000\r\nContent-Type: application/json\r\n\r\n{{",
    )
    with ExitStack() as stack:
        for number in range(200):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", app.port)))
            connection.sendall(beginnings[number % len(beginnings)].encode())
        for path in ("/api/v1/episodes", "/health/ready", "/api/v1/search?q=talk", "/"):
            assert app.client.get(path).status_code == 200
        assert app.client.post("/api/v1/tags", json={"name": "in time"}).status_code == 201


def test_no_line_is_smuggled_into_a_log(app: RunningApp) -> None:
    app.client.patch("/api/v1/episodes/2", json={"title": SMUGGLED})
    app.client.post("/api/v1/episodes/import", json={"url": f"http://127.0.0.1:9/{SMUGGLED}", "title": SMUGGLED})
    app.client.post("/api/v1/tags", json={"name": SMUGGLED})
    app.client.post("/sign-in", data={"name": SMUGGLED, "password": SMUGGLED}, headers={"Origin": app.url})
    said(app, f"GET /{'%0a'.join(('x', 'CRITICAL'))} HTTP/1.1\r\nHost: {{host}}\r\nUser-Agent: a\u2028b\x1b[2J\r\n\r\n".encode())
    lines = [line for path in Path(app.data / "logs").glob("*.log") for line in path.read_bytes().split(b"\n") if line]
    for line in lines:
        assert isinstance(json.loads(line), dict)
        assert b"\x1b" not in line and b"\r" not in line
    assert lines
    console = app.log.read_text(encoding="utf-8", errors="replace")
    assert "\x1b[2J" not in console and "\n2026-01-01 00:00:00 CRITICAL" not in console
    for episode in app.client.get("/api/v1/episodes", params={"limit": 100}).json()["items"]:
        if episode["id"] > EPISODES:
            assert app.client.delete(f"/api/v1/episodes/{episode['id']}", params={"now": True}).status_code == 204
