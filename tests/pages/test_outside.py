"""Pages in every condition outside: calm, in the reader's language, and without a word of an exception."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.pages.conditions import ENGLISH, RAW, conditions, drawn


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_quotes_an_exception_and_each_speaks_the_readers_language(away: CastMind, language: str) -> None:
    away.settings.save(OWNER, "language", language)
    numbers = conditions(away)
    pages = drawn(numbers[0], numbers[8], numbers[-3], numbers[-1])
    assert {name: RAW.findall(text) for name, text in pages.items() if RAW.search(text)} == {}
    if language == "zh":
        assert {name: ENGLISH.findall(text) for name, text in pages.items() if ENGLISH.search(text)} == {}
    else:
        assert all(ENGLISH.search(text) for text in pages.values())
