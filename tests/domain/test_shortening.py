"""A text cut short: no word and no character is cut in two."""

from __future__ import annotations

import pytest

from core.domain import shortening
from core.domain.shortening import shortened


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("The harbour at night", 40, "The harbour at night"),
        ("The harbour at night", 20, "The harbour at night"),
        ("The harbour at night", 19, "The harbour at…"),
        ("The harbour at night", 15, "The harbour at…"),
        ("The harbour at night", 14, "The harbour…"),
        ("Lamps, keepers, and more", 8, "Lamps…"),
        ("She doesn't know", 11, "She…"),
        ("She doesn’t know", 12, "She doesn’t…"),
        ("Donaudampfschifffahrtsgesellschaft", 10, "Donaudamp…"),
        ("Straße früh", 10, "Straße…"),
        ("naïve cafe\u0301 talk", 12, "naïve cafe\u0301…"),
        ("naïve cafe\u0301 talk", 11, "naïve…"),
        ("港口的夜晚很安静", 5, "港口的夜…"),
        ("港口 lantern", 6, "港口…"),
        ("ポートか\u3099たくさん", 6, "ポートか\u3099…"),
        ("ポートか\u3099たくさん", 5, "ポート…"),
        ("ท่าเรือยามค่ำคืน", 3, "ท่…"),
        ("family 👨‍👩‍👧 talk", 10, "family…"),
        ("👨‍👩‍👧👨‍👩‍👧", 7, "👨‍👩‍👧…"),
        ("🇫🇷🇩🇪🇫🇷", 4, "🇫🇷…"),
        ("हिन्दी में बात", 8, "हिन्दी…"),
        ("один два три", 10, "один два…"),
    ],
)
def test_an_ellipsis_stands_after_a_whole_word(text: str, limit: int, short: str) -> None:
    assert shortened(text, limit) == short
    assert len(short) <= limit


def test_the_end_of_a_text_begins_with_a_whole_word() -> None:
    assert shortening.ending("The harbour at night", 10) == "at night"
    assert shortening.ending("The harbour at night", 8) == "at night"
    assert shortening.ending("港口的夜晚", 2) == "夜晚"
    assert shortening.ending("か\u3099くせい", 4) == "くせい"
    assert shortening.ending("Donaudampfschiff", 6) == "schiff"
    assert shortening.ending("short", 99) == "short"
    assert shortening.ending("short", 0) == ""
