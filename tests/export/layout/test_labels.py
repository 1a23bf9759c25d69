"""The labels of a document, by its language."""

from __future__ import annotations

from dataclasses import fields

import pytest

from core.domain.transcripts.annotation import Colour
from core.export.layout.labels import CHINESE, ENGLISH, Headings, headings


@pytest.mark.parametrize("language", ["zh", "zh-TW", "ZH-hans", "yue"])
def test_any_chinese_has_chinese_labels(language: str) -> None:
    assert headings(language) is CHINESE


@pytest.mark.parametrize("language", ["en", "en-GB", "fr", "", "zho", "und"])
def test_all_others_have_english_ones(language: str) -> None:
    assert headings(language) is ENGLISH


def test_no_label_is_empty_and_each_colour_has_a_name() -> None:
    for words in (ENGLISH, CHINESE):
        assert [field.name for field in fields(Headings) if not getattr(words, field.name)] == []
        assert words.colours.keys() == set(Colour)
