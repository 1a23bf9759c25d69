from __future__ import annotations

import pytest

from core.domain.accounts.session_cookie import PLAIN, SECURE, token_of


@pytest.mark.parametrize(
    ("cookies", "token"),
    [
        ({}, ""),
        ({PLAIN: "a"}, "a"),
        ({SECURE: "b"}, "b"),
        ({PLAIN: "planted", SECURE: "b"}, "b"),
        ({PLAIN: "a", SECURE: ""}, "a"),
        ({"other": "x"}, ""),
    ],
)
def test_a_cookie_that_no_other_host_can_set_comes_first(cookies: dict[str, str], token: str) -> None:
    assert token_of(cookies) == token


def test_browsers_hold_the_secure_one_to_this_host() -> None:
    assert SECURE.startswith("__Host-")
