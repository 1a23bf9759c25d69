from __future__ import annotations

import pytest

from core.domain.exposure import Exposure, exposure, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LocalHost.", " ::ffff:127.0.0.1 "])
def test_this_computer_alone(host: str) -> None:
    assert is_loopback(host)
    assert exposure(host, published="", container=False, meant=False) == "local"
    assert exposure("0.0.0.0", published=host, container=True, meant=False) == "local"


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "", "192.168.1.5", "10.0.0.1", "fd00::7", "nas", "localhost.evil.example", "127.0.0.1.nip.io"],
)
def test_others_too(host: str) -> None:
    assert not is_loopback(host)
    assert exposure(host, published="", container=False, meant=False) == "network"
    assert exposure(host, published="127.0.0.1", container=False, meant=False) == "network"  # outside nobody publishes
    assert exposure(host, published="", container=False, meant=True) == "meant"


@pytest.mark.parametrize(
    ("published", "meant", "found"),
    [
        ("", False, "unknown"),
        ("0.0.0.0", False, "network"),
        ("::", False, "network"),
        ("", True, "meant"),
    ],
)
def test_a_container(published: str, meant: bool, found: Exposure) -> None:
    assert exposure("0.0.0.0", published=published, container=True, meant=meant) == found
