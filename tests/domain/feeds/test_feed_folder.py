from __future__ import annotations

import random

import pytest

from core.domain.feeds.feed_folder import DEPTH, LENGTH, NAME, in_order, inside, names, of_category, typed


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("", ""),
        ("News/Tech", "News/Tech"),
        (" /News // Tech / ", "News/Tech"),
        ("a\tb\nc", "a b c"),
        ("\x00a\x1b[0m\u202eb\ud800", "a[0mb"),
        ("e\u0301", "\u00e9"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("/".join("abcdefghijklmno"), "/".join("abcdefghij")),
    ],
)
def test_a_typed_folder_is_put_into_its_one_form(text: str, folder: str) -> None:
    assert typed(text) == typed(folder) == folder


def test_the_form_is_bounded_and_its_own_whatever_is_typed() -> None:
    dice = random.Random(3)
    alphabet = "ab /∕,\x00\x85\u0301\u1100\u1161\u202e\ud83c\ufeff𝒳"
    for _ in range(2000):
        text = "".join(dice.choices(alphabet, k=dice.randint(0, 30))) * dice.choice((1, 1, 40))
        folder = typed(text)
        assert len(folder) <= LENGTH and len(names(folder)) <= DEPTH and all(0 < len(name) <= NAME for name in names(folder))
        assert typed(folder) == folder
        folder.encode()
        again = ""
        for name in names(folder):
            again = inside(again, name)
        assert again == folder


def test_a_name_has_a_hundred_characters_and_a_folder_three_hundred() -> None:
    assert typed("x" * 100) == typed("x" * 101) == "x" * 100
    fits = "/".join(("x" * 100, "y" * 100, "z" * 98))
    assert typed(fits) == fits
    assert typed(fits + "z") == fits[:201]


def test_the_first_path_of_a_category_is_the_folder() -> None:
    assert [of_category(text) for text in ("", "/a/b", "tag,/a", "tag,other", ",", "/a,/b")] == ["", "a/b", "a", "tag", "", "a"]


def test_folders_come_by_name_and_what_has_none_last() -> None:
    assert sorted(["b", "", "a/c", "A", "a b"], key=in_order) == ["A", "a/c", "a b", "b", ""]
