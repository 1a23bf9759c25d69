from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from core.net.addresses import GuardedBackend
from core.net.proxy_guard import ProxyGuard
from core.net.proxy_line import ProxyChannel
from tests.fakes.web_pages import WebPages


def test_an_order_may_come_in_pieces_and_a_connection_is_handed_over() -> None:
    here, there = socket.socketpair()
    mine, line = socket.socketpair()
    with here, mine, line:
        channel = ProxyChannel(there.detach())
        for piece in (b'{"url": "https://a.exam', b'ple/", "most": 1}\n'):
            here.sendall(piece)
        assert channel.order() == {"url": "https://a.example/", "most": 1}
        socket.send_fds(here, [b"l"], [line.fileno()])
        got = channel.connect(("10.0.0.1", 80), timeout=5)
        assert here.recv(1) == b"c"
        with got:
            # Without the pretence, a socket pair would refuse an option of TCP.
            got.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            got.sendall(b"GET")
            assert (mine.recv(3), got.gettimeout()) == (b"GET", 5)
        channel._socket.close()


def test_a_parent_that_is_gone_is_an_error_and_no_connection() -> None:
    here, there = socket.socketpair()
    channel = ProxyChannel(there.detach())
    here.sendall(b"x")  # a byte without a descriptor, as at the end
    with here, pytest.raises(OSError, match="gone"):
        channel.connect()
    channel._socket.close()


# --- tunnels ----------------------------------------------------------------------------------------


@pytest.fixture
def web() -> Iterator[WebPages]:
    with WebPages() as running:
        yield running


@pytest.mark.parametrize(("allowed", "reached"), [(("127.0.0.1",), True), ((), False)])
def test_a_tunnel_leads_where_the_guard_lets_it(web: WebPages, allowed: tuple[str, ...], reached: bool) -> None:
    with ProxyGuard(GuardedBackend(lambda: allowed)) as guard:
        channel = ProxyChannel(socket.dup(guard.channel.fileno()))
        address = ("127.0.0.1", int(web.root.rpartition(":")[2]))
        if reached:
            with channel.tunnel(address, 5) as line:
                line.sendall(b"GET / HTTP/1.0\r\n\r\n")
                assert line.recv(12).startswith(b"HTTP/1.")
            assert guard.refused == []
        else:
            with pytest.raises(ConnectionRefusedError):
                channel.tunnel(address, 5)
            assert [error.code for error in guard.refused] == ["bad_address"]
        channel._socket.close()


def test_a_head_without_an_end_is_no_tunnel() -> None:
    here, there = socket.socketpair()
    mine, line = socket.socketpair()
    with here, line, mine:
        socket.send_fds(here, [b"l"], [line.fileno()])
        channel = ProxyChannel(there.detach())
        # Less than the system keeps for a reader.
        mine.sendall(b"HTTP/1.1 200 " + b"a" * 8000)
        with pytest.raises(ConnectionRefusedError):
            channel.tunnel(("a.example", 80), 5)
        channel._socket.close()
