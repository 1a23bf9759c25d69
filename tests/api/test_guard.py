from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.datastructures import Headers

from core.api.guard import host_names, name_of, refusal
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
        ("POST", {"host": "localhost:8501", "origin": "file://localhost"}, False),
        ("POST", {"host": "localhost:8501", "sec-fetch-site": "cross-site"}, False),
        ("POST", {"host": "localhost:8501", "sec-fetch-site": "same-origin"}, True),
        ("GET", {"host": "localhost:8501", "sec-fetch-site": "cross-site"}, True),  # a link on another site
        ("POST", {"host": "localhost:8501"}, True),  # no browser
    ],
)
def test_who_may_pass(method: str, headers: dict[str, str], passes: bool) -> None:
    assert (refusal(method, Headers(headers), NAMES) is None) == passes


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
        ("evil.example", "http://evil.example", "403"),
    ],
)
def test_websockets_are_guarded(address: str, host: str, origin: str | None, status: str) -> None:
    assert handshake(f"{address}/stream", host, origin).startswith(status)
