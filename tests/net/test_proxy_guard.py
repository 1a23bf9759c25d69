"""The proxy that hands its connections out, spoken to as the child does, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from core import errors
from core.net.addresses import GuardedBackend
from core.net.proxy_guard import ProxyGuard
from tests.fakes.web_pages import WebPages
from tests.hostile.sockets import connections
from tests.hostile.urls import HOSTS


@pytest.fixture
def web() -> Iterator[WebPages]:
    with WebPages() as running:
        yield running


@pytest.fixture
def guard() -> Iterator[ProxyGuard]:
    with ProxyGuard(GuardedBackend(lambda: ("127.0.0.1",))) as running:
        yield running


def line(guard: ProxyGuard) -> socket.socket:
    guard.channel.sendall(b"c")
    (descriptor,) = socket.recv_fds(guard.channel, 1, 1)[1]
    made = socket.socket(fileno=descriptor)
    made.settimeout(30.0)
    return made


def all_of(connection: socket.socket) -> bytes:
    got = b""
    while block := connection.recv(1 << 16):
        got += block
    return got


def ask(guard: ProxyGuard, request: str) -> bytes:
    with line(guard) as connection:
        connection.sendall(request.encode())
        return all_of(connection)


def test_a_request_is_passed_on_without_what_is_meant_for_the_proxy(guard: ProxyGuard, web: WebPages) -> None:
    answer = ask(guard, f"GET {web.root}/talk?a=b HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic YQ==\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 200") and b"/talk.wav" in answer
    assert web.asked == ["/talk"]
    assert "proxy-authorization" not in {name.lower() for name in web.headers[0]}
    assert guard.received == len(answer)
    assert guard.refused == []


def test_a_tunnel_carries_bytes_as_they_are(guard: ProxyGuard, web: WebPages) -> None:
    place = web.root.removeprefix("http://")
    with line(guard) as connection:
        connection.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
        assert connection.recv(1 << 16) == b"HTTP/1.1 200 Connected\r\n\r\n"
        connection.sendall(b"GET /talk HTTP/1.0\r\n\r\n")
        assert b"/talk.wav" in all_of(connection)


@pytest.mark.parametrize("form", ["GET http://{}/ HTTP/1.1\r\n\r\n", "CONNECT {}:443 HTTP/1.1\r\n\r\n"])
def test_no_address_inside_the_house_is_called_in_either_form(form: str) -> None:
    with ProxyGuard(GuardedBackend(tuple)) as guard, connections() as seen:
        asked = [name for name in HOSTS if name.isascii() and name.isprintable() and " " not in name]
        for name in asked:
            assert ask(guard, form.format(name)).startswith(b"HTTP/1.1 403")
        assert len(guard.refused) == len(asked) > 20
    assert [one for one in seen if one[0] is not None] == []


@pytest.mark.parametrize(
    "request_line",
    [
        "GET / HTTP/1.1",
        "GET file:///etc/passwd HTTP/1.1",
        "GET https://example.org/ HTTP/1.1",
        "CONNECT example.org HTTP/1.1",
        "x",
    ],
)
def test_what_is_no_request_to_a_proxy_is_refused(guard: ProxyGuard, request_line: str) -> None:
    with connections() as seen:
        assert ask(guard, request_line + "\r\n\r\n").startswith(b"HTTP/1.1 403")
    assert isinstance(guard.refused[0], errors.BadAddress)
    assert [one for one in seen if one[0] is not None] == []


def test_a_request_that_never_ends_is_cut_off(guard: ProxyGuard) -> None:
    with line(guard) as connection, pytest.raises(OSError):
        while True:
            connection.sendall(b"x" * 65536)


def test_its_end_closes_what_it_handed_out(web: WebPages) -> None:
    with ProxyGuard(GuardedBackend(lambda: ("127.0.0.1",))) as guard:
        place = web.root.removeprefix("http://")
        connection = line(guard)
        connection.sendall(f"CONNECT {place} HTTP/1.1\r\n\r\n".encode())
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")
    with connection:
        assert connection.recv(1) == b""
