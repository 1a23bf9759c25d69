"""Names of browsers, by what real ones send."""

from __future__ import annotations

import pytest

from core.domain.accounts.user_agent import LONGEST, name_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 15; K) {WEBKIT} Chrome/139.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (
            f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0.50",
            "WeChat on Android",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
        ("a\nb" + "x" * 500, "ab" + "x" * (LONGEST - 2)),
    ],
)
def test_a_browser_is_named_with_its_system(agent: str, name: str) -> None:
    assert name_of(agent) == name
