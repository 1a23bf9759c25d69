from __future__ import annotations

import pytest

from core.domain.accounts.user import LONGEST_NAME, key_of, name_of
from core.errors import UserError


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anna", "Anna"),
        ("  Anna \t Maria\u3000B ", "Anna Maria B"),
        ("ＡＮＮＡ", "ANNA"),
        ("安娜", "安娜"),
        ("O'Brien <b>", "O'Brien <b>"),
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
    ],
)
def test_a_name_is_stored_with_single_spaces(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "\u3000",
        "x" * (LONGEST_NAME + 1),
        "an\x00na",
        "an\x1bna",
        "an\u202ena",
        "an\u200bna",
        "an\ud800na",
        "an\x7fna",
        "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 4,
    ],
)
def test_what_cannot_be_shown_safely_is_no_name(text: str) -> None:
    """Control characters, those that turn the direction, invisible ones; too long once it is spelled out."""
    with pytest.raises(UserError) as refused:
        name_of(text)
    assert refused.value.params["case"] == "user_name"


@pytest.mark.parametrize("text", ["anna\r\nSet-Cookie: a=b", "anna\nERROR forged", "anna\u2028forged"])
def test_a_line_break_becomes_a_space(text: str) -> None:
    assert name_of(text).isprintable()
    assert len(name_of(text).splitlines()) == 1


@pytest.mark.parametrize("text", ["Anna", "anna", "ＡＮＮＡ", " ANNA  ", "aNNa\n"])
def test_names_that_look_the_same_are_the_same(text: str) -> None:
    assert key_of(text) == key_of(name_of(text)) == "anna"


def test_letters_that_fold_together_are_the_same_name() -> None:
    assert key_of("Straße") == key_of("STRASSE")
    assert key_of("Anna") != key_of("Ana")
