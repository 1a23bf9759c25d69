"""A selection is widened to whole words and characters, in every script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from pages.episode.player import player
from pages.shared.component_source import source

pytestmark = pytest.mark.browser

# [text, the characters that a finger went over, the passage]
CASES = [
    ("The harbour at night", "arbour a", "harbour at"),
    ("The harbour at night", " harbour ", "harbour"),
    ("The harbour at night", "rbo", "harbour"),
    ("She doesn’t know", "sn’t kn", "doesn’t know"),
    ("Wait, harbours!", "t, harb", "Wait, harbours"),
    ("Straße früh um 6", "aße frü", "Straße früh"),
    ("naïve cafe\u0301 talk", "ve cafe", "naïve cafe\u0301"),
    ("我们讨论机器学习的未来", "们讨论机", "我们讨论机器"),
    ("これは東京タワーです", "京タ", "東京タワー"),
    ("ท่าเรือสวยงาม", "เรือสว", "ท่าเรือสวยงาม"),
    ("說𠮷野家好", "𠮷野", "𠮷野家"),
    ("family 👨‍👩‍👧 walk", "👩", "👨‍👩‍👧"),
    ("один два три", "ва т", "два три"),
]
WIDENED = "([text, from, to]) => {{ {source}; const [a, b] = toWholeWords(text, from, to); return text.slice(a, b); }}"


def units(text: str) -> int:
    """The length in JavaScript."""
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("segmenter", [True, False])
def test_a_passage_begins_and_ends_with_whole_words(browser: Browser, segmenter: bool) -> None:
    page = browser.new_page()
    if not segmenter:
        page.evaluate("delete Intl.Segmenter")
    script = WIDENED.format(source=source(player.__file__, "text.js"))
    for text, went_over, passage in CASES:
        start = text.index(went_over)
        span = [units(text[:start]), units(text[:start]) + units(went_over)]
        found = page.evaluate(script, [text, *span])
        assert found in text
        if segmenter:
            assert found == passage
        else:
            # Without the browser's dictionary a script without spaces gives what it can: whole characters at least.
            assert went_over.strip() in found
    page.close()
