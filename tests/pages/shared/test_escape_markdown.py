"""Texts of others stay texts, whatever they hold."""

from __future__ import annotations

import pytest

from pages.shared.escape_markdown import plain


@pytest.mark.parametrize(
    "text",
    [
        "**bold**",
        "[a](javascript:alert(1))",
        "<img onerror=x>",
        ":red[x]",
        ":material/home:",
        "$x$",
        "# head",
        "| a |",
        "`x`",
        "~~x~~",
    ],
)
def test_every_sign_of_markdown_is_escaped(text: str) -> None:
    shown = plain(text)
    assert shown.replace("\\", "") == text.replace("\\", "")
    assert all(shown[i - 1] == "\\" for i, sign in enumerate(shown) if sign in "*[]()<>:$#|`~")


@pytest.mark.parametrize("text", ["https://evil.example", "www.evil.example", "mail@evil.example"])
def test_an_address_does_not_become_a_link(text: str) -> None:
    assert "\u2060" in plain(text)


def test_one_line_without_signs_that_turn_the_reading_direction() -> None:
    assert plain("a\n\n# b\u202ec") == "a \\# b c"


def test_long_texts_are_cut() -> None:
    assert plain("x" * 50, 10) == "x" * 9 + "…"
