from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.datastructures import Headers

from core.api.server.host_guard import host_names, name_of, refusal
from tests.api.conftest import is_problem

NAMES = host_names("0.0.0.0", ["castmind.home", "nas:8501", "[fd00::7]"])


@pytest.mark.parametrize(
    ("authority", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8501", "localhost"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("[::1]:8501", "::1"),
        ("::1", "::1"),
        ("castmind.home.", "castmind.home"),
        ("", ""),
        ("user@localhost", ""),
        ("localhost/evil.example", ""),
        ("localhost:port", ""),
        ("localhost?", "localhost"),
        ("evil.example#localhost", ""),
        ("[::1", ""),
    ],
)
def test_the_name_in_an_authority(authority: str, name: str) -> None:
    assert name_of(authority) == name


def test_to_listen_everywhere_is_no_name() -> None:
    assert {"localhost", "127.0.0.1", "::1", "castmind.home", "nas", "fd00::7"} == NAMES
    assert "192.168.1.5" in host_names("192.168.1.5", [])


@pytest.mark.parametrize(
    ("method", "headers", "passes"),
    [
        ("GET", {"host": "localhost:8501"}, True),
        ("GET", {"host": "castmind.home"}, True),
        ("GET", {}, False),
        ("GET", {"host": "evil.example"}, False),
        ("GET", {"host": "localhost.evil.example"}, False),
        ("GET", {"host": "0.0.0.0:8501"}, False),
        ("POST", {"host": "localhost:8501", "origin": "http://localhost:8501"}, True),
        ("POST", {"host": "castmind.home", "origin": "https://castmind.home"}, True),
        ("POST", {"host": "localhost:8501", "origin": "https://evil.example"}, False),
        ("GET", {"host": "localhost:8501", "origin": "https://evil.example"}, False),
        ("POST", {"host": "localhost:8501", "origin": "null"}, False),
        ("POST", {"host": "localhost:8501", "origin": "null", "sec-fetch-site": "none"}, True),  # another app shares
        ("POST", {"host": "localhost:8501", "origin": "null", "sec-fetch-site": "cross-site"}, False),
        ("POST", {"host": "localhost:8501", "origin": "null", "sec-fetch-site": "same-origin"}, True),  # a form of our own page
        ("POST", {"host": "evil.example", "origin": "null", "sec-fetch-site": "none"}, False),
        ("POST", {"host": "localhost:8501", "origin": "https://evil.example", "sec-fetch-site": "none"}, False),
        ("POST", {"host": "localhost:8501", "origin": "file://localhost"}, False),
        ("POST", {"host": "localhost:8501", "sec-fetch-site": "cross-site"}, False),
        ("POST", {"host": "localhost:8501", "sec-fetch-site": "same-origin"}, True),
        ("GET", {"host": "localhost:8501", "sec-fetch-site": "cross-site"}, True),  # a link on another site
        ("POST", {"host": "localhost:8501"}, True),  # no browser
    ],
)
def test_who_may_pass(method: str, headers: dict[str, str], passes: bool) -> None:
    assert (refusal(method, Headers(headers), NAMES) is None) == passes


HERE = "http://localhost:8501"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://localhost:3000"},  # another program's page on this computer
        {"origin": "http://localhost"},
        {"origin": "http://localhost:80"},
        {"origin": "https://localhost:8501"},
        {"origin": "http://127.0.0.1:8501"},  # its cookies and storage are others
        {"origin": "http://[::1]:8501"},
        {"origin": "http://castmind.home:8501"},
        {"origin": "http://localhost.:8502"},
        {"origin": "http://user@localhost:8501"},
        {"origin": "http://localhost:8501/"},
        {"origin": "http://localhost:85010"},
        {"origin": "ws://localhost:8501"},
        {"origin": "HTTP//localhost:8501"},
        {"origin": ""},
        {"origin": "http://localhost:3000", "sec-fetch-site": "same-origin"},
        {"origin": "http://localhost:3000", "x-forwarded-proto": "http"},
        {"origin": "http://localhost:3000", "x-forwarded-host": "evil.example:3000"},
        {"origin": HERE, "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "something-new"},
        {"sec-fetch-site": ""},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_page_of_this_computer_changes_nothing(method: str, headers: dict[str, str]) -> None:
    assert refusal(method, Headers({"host": "localhost:8501", **headers}), NAMES)


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("localhost:8501", {"origin": HERE, "sec-fetch-site": "same-origin"}),
        ("LOCALHOST:8501", {"origin": HERE}),
        ("localhost:9000", {"origin": "http://localhost:9000"}),  # the port that a container publishes
        ("localhost", {"origin": "http://localhost"}),
        ("localhost:80", {"origin": "http://localhost"}),
        ("[::1]:8501", {"origin": "http://[::1]:8501"}),
        ("localhost:8501", {"sec-fetch-site": "none"}),
        ("localhost:8501", {"user-agent": "curl/8"}),
        ("localhost:8443", {"origin": "https://localhost:8443", "x-forwarded-proto": "https"}),
        ("nas:8443", {"origin": "https://nas:8443"}),  # a proxy that says nothing
        ("castmind.home", {"origin": "https://castmind.home", "x-forwarded-proto": "https, http"}),
        ("127.0.0.1:8501", {"origin": "https://nas:4443", "x-forwarded-host": "nas:4443", "x-forwarded-proto": "https"}),
    ],
)
def test_own_pages_and_programs_pass(host: str, headers: dict[str, str]) -> None:
    assert refusal("POST", Headers({"host": host, **headers}), NAMES) is None


@pytest.mark.parametrize(
    ("site", "mode", "passes"),
    [
        ("cross-site", "navigate", True),
        ("same-site", "navigate", True),
        ("cross-site", "no-cors", False),
        ("same-site", "cors", False),
        ("same-site", "websocket", False),
        ("same-origin", "websocket", True),
    ],
)
def test_what_other_pages_load(site: str, mode: str, passes: bool) -> None:
    headers = Headers({"host": "localhost:8501", "sec-fetch-site": site, "sec-fetch-mode": mode})
    assert (refusal("GET", headers, NAMES) is None) == passes


def test_every_route_that_changes_something_refuses_other_ports(client: httpx.Client) -> None:
    contract = client.get("/api/v1/openapi.json").json()
    writing = [
        (method, path)
        for path, methods in contract["paths"].items()
        for method in methods
        if method in ("post", "put", "patch", "delete")
    ]
    assert len(writing) > 40
    for method, path in writing:
        place = f"/api{path}".replace("{", "").replace("}", "")
        for said in ({"Origin": "http://127.0.0.1:1"}, {"Sec-Fetch-Site": "same-site"}):
            assert is_problem(client.request(method, place, headers=said), 403, "forbidden_origin"), (method, place)


def test_two_hosts_are_no_host() -> None:
    headers = Headers(raw=[(b"host", b"localhost"), (b"host", b"evil.example")])
    assert refusal("GET", headers, NAMES)


@pytest.mark.parametrize("path", ["/health", "/api/v1/episodes", "/api/docs", "/nothing"])
def test_every_route_is_guarded(client: httpx.Client, path: str) -> None:
    assert is_problem(client.get(path, headers={"Host": "evil.example"}), 403, "forbidden_origin")
    assert is_problem(client.get(path, headers={"Origin": "https://evil.example"}), 403, "forbidden_origin")


def test_every_answer_has_the_security_headers(client: httpx.Client) -> None:
    for answer in (client.get("/health"), client.get("/api/v1/nothing"), client.get("/health", headers={"Host": "evil.example"})):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def handshake(address: str, host: str, origin: str | None) -> str:
    """The status line that a WebSocket's opening gets."""
    url = urlsplit(address)
    head = (
        f"GET {url.path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    )
    head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + (f"Origin: {origin}\r\n" if origin else "") + "\r\n"
    with socket.create_connection((url.hostname or "", url.port or 0)) as line:
        line.sendall(head.encode())
        return line.makefile("rb").readline().decode().split(" ", 1)[1].strip()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:8501", "http://localhost:8501", "101"),
        ("127.0.0.1", None, "101"),
        ("localhost:8501", "https://evil.example", "403"),
        ("localhost:8501", "null", "403"),
        ("localhost:8501", "http://localhost:3000", "403"),
        ("localhost:8501", "https://localhost:8501", "403"),
        ("localhost:8501", "http://127.0.0.1:8501", "403"),
        ("[::1]:9000", "http://[::1]:9000", "101"),
        ("evil.example", "http://evil.example", "403"),
    ],
)
def test_websockets_are_guarded(address: str, host: str, origin: str | None, status: str) -> None:
    assert handshake(f"{address}/stream", host, origin).startswith(status)
