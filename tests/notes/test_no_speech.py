"""Notes on a recording in which nobody speaks."""

from __future__ import annotations

import pytest

from core.notes.no_speech import nobody_speaks


@pytest.mark.parametrize(("language", "word"), [("zh", "没有人"), ("zh-TW", "没有人"), ("en", "Nobody"), ("fr", "Nobody")])
def test_it_is_said_in_the_readers_language_and_all_was_read(language: str, word: str) -> None:
    found = nobody_speaks(language)
    assert word in found.tldr
    assert (found.language, found.coverage, found.points, found.chapters) == (language, 1.0, (), ())
