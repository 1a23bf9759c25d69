from __future__ import annotations

import pytest

from core.domain.exposure import Exposure, exposure, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LocalHost.", " ::ffff:127.0.0.1 "])
def test_this_computer_alone(host: str) -> None:
    assert is_loopback(host)
    assert exposure(host, published="", container=False) == "local"
    assert exposure("0.0.0.0", published=host, container=True) == "local"


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "", "192.168.1.5", "10.0.0.1", "fd00::7", "nas", "localhost.evil.example", "127.0.0.1.nip.io"],
)
def test_others_too(host: str) -> None:
    assert not is_loopback(host)
    assert exposure(host, published="", container=False) == "network"
    assert exposure(host, published="127.0.0.1", container=False) == "network"  # outside nobody publishes


@pytest.mark.parametrize(("published", "found"), [("", "unknown"), (" ", "unknown"), ("0.0.0.0", "network"), ("::", "network")])
def test_a_container(published: str, found: Exposure) -> None:
    assert exposure("0.0.0.0", published=published, container=True) == found
