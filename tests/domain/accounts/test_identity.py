"""Who of a provider's people may come in, and what they are called."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.accounts.identity import is_admitted, label_of


@pytest.mark.parametrize(
    ("claims", "label"),
    [
        ({}, ""),
        ({"preferred_username": "anna", "email": "a@example.net"}, "anna"),
        ({"preferred_username": " ", "email": " a@example.net "}, "a@example.net"),
        ({"preferred_username": 7, "email": None, "name": ["x"], "nickname": "an"}, "an"),
        ({"name": "line\nbreak", "nickname": "an"}, "an"),
        ({"name": "x" * 300}, "x" * 200),
    ],
)
def test_the_label(claims: dict[str, Any], label: str) -> None:
    assert label_of(claims) == label


@pytest.mark.parametrize(
    ("claims", "rules", "admitted"),
    [
        ({}, (), True),
        ({}, ("groups=family",), False),
        ({"groups": ["family"]}, ("groups=family",), True),
        ({"groups": "family"}, ("groups=family",), True),
        ({"groups": "families"}, ("groups=family",), False),
        ({"groups": ["x"], "hd": "example.net"}, ("groups=family", "hd = example.net"), True),
        ({"hd": True}, ("hd=True",), False),
        ({"email": "A@Example.net", "email_verified": True}, ("email=a@example.NET",), True),
        ({"email": "a@example.net"}, ("email=a@example.net",), False),
        ({"email": "a@example.net", "email_verified": "true"}, ("email=a@example.net",), False),
        ({"team": "a=b"}, ("team=a=b",), True),
    ],
)
def test_who_is_admitted(claims: dict[str, Any], rules: tuple[str, ...], admitted: bool) -> None:
    assert is_admitted(claims, rules) is admitted
