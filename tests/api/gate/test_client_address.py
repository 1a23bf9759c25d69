"""Whose request it is, and whether it comes from this computer itself: only what cannot be forged counts."""

from __future__ import annotations

from typing import Any

import pytest

from core.api.gate.client_address import address_of, is_near, networks

TRUSTED = networks(("172.18.0.2", "10.0.0.0/8", "fd00::/8"))


def scope(peer: str, *headers: tuple[str, str], server: str = "127.0.0.1") -> Any:
    pairs = [(name.encode(), value.encode()) for name, value in headers]
    return {"type": "http", "client": (peer, 4711) if peer else None, "server": (server, 8501), "headers": pairs}


def forwarded(*values: str) -> list[tuple[str, str]]:
    return [("x-forwarded-for", value) for value in values]


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1"], "127.0.0.1"),
        ("172.18.0.2", ["1.1.1.1"], "1.1.1.1"),
        ("172.18.0.2", ["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
        ("172.18.0.2", ["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
        ("172.18.0.2", ["1.1.1.1, 10.0.0.5, 10.0.0.6"], "1.1.1.1"),
        ("172.18.0.2", ["10.0.0.5"], "172.18.0.2"),
        ("172.18.0.2", [], "172.18.0.2"),
        ("172.18.0.2", [""], "172.18.0.2"),
        ("172.18.0.2", ["1.1.1.1, not an address"], "172.18.0.2"),
        ("172.18.0.2", ["1.1.1.1:80"], "172.18.0.2"),
        ("172.18.0.2", ["2001:db8::7"], "2001:db8::7"),
        ("fd00::1", ["1.1.1.1"], "1.1.1.1"),
        ("::ffff:172.18.0.2", ["1.1.1.1"], "1.1.1.1"),
        ("", ["1.1.1.1"], ""),
    ],
)
def test_only_a_trusted_proxy_is_believed_and_only_from_the_right(peer: str, said: list[str], client: str) -> None:
    assert address_of(scope(peer, *forwarded(*said)), TRUSTED) == client


def test_without_proxies_nothing_is_believed() -> None:
    assert address_of(scope("172.18.0.2", *forwarded("1.1.1.1"), ("x-real-ip", "2.2.2.2")), ()) == "172.18.0.2"


def test_a_setting_that_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="somewhere"):
        networks(("somewhere",))


NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_computer_is_near(peer: str) -> None:
    assert is_near(scope(peer), container=False, names=NAMES, host="localhost")


@pytest.mark.parametrize(
    ("peer", "server", "host", "headers"),
    [
        ("192.168.1.7", "127.0.0.1", "localhost", []),
        ("127.0.0.1", "192.168.1.5", "localhost", []),
        ("127.0.0.1", "127.0.0.1", "nas.home", []),
        ("127.0.0.1", "127.0.0.1", "rebound.example", []),
        ("127.0.0.1", "127.0.0.1", "", []),
        ("", "127.0.0.1", "localhost", []),
        *(
            ("127.0.0.1", "127.0.0.1", "localhost", [(name, "1.1.1.1")])
            for name in ("x-forwarded-for", "forwarded", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
        ),
    ],
)
def test_all_else_is_far(peer: str, server: str, host: str, headers: list[tuple[str, str]]) -> None:
    assert not is_near(scope(peer, *headers, server=server), container=False, names=NAMES, host=host)


def test_in_a_container_the_loopback_is_not_asked_but_proxies_and_names_are() -> None:
    assert is_near(scope("172.17.0.1", server="172.17.0.2"), container=True, names=NAMES, host="localhost")
    assert not is_near(scope("172.17.0.1", ("via", "x")), container=True, names=NAMES, host="localhost")
    assert not is_near(scope("172.17.0.1"), container=True, names=NAMES, host="evil.example")
