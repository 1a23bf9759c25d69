"""The address under which a client is counted."""

from __future__ import annotations

import pytest

from core.domain.accounts.visit import household


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("2001:db8::1", "2001:db8::/64"),
        ("::ffff:192.168.1.2", "192.168.1.2"),
        ("192.168.1.2", "192.168.1.2"),
        ("", ""),
        ("a", "a"),
    ],
)
def test_one_ipv6_network_is_one_client(address: str, name: str) -> None:
    assert household(address) == name
