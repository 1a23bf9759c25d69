"""Where sign-in may lead, and what its cookies say."""

from __future__ import annotations

import pytest

from core.api.accounts.entry_answers import LONGEST_NEXT, away, place, to


@pytest.mark.parametrize("wanted", ["/", "/episode?id=3&t=1.5", "/search?q=%E4%BD%A0", "/settings?group=accounts#x"])
def test_a_path_of_this_server_is_kept(wanted: str) -> None:
    assert place(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        *("", "episode", "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example"),
        *("/a\\b", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "/\n/evil.example", "/\x00", "/\u202e/x"),
        *("/sign-in", "/sign-in/provider?link=1", "/sign-out", "/set-up", "/api/v1/episodes", "/" + "x" * LONGEST_NEXT),
    ],
)
def test_all_else_leads_to_the_library(wanted: str) -> None:
    assert place(wanted) == "/"


def test_no_answer_is_kept_by_a_cache_and_no_other_server_learns_the_page() -> None:
    assert to("/queue").headers["cache-control"] == "no-store"
    assert away("https://auth.example.net/x").headers["referrer-policy"] == "no-referrer"
