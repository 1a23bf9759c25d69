from __future__ import annotations

import pytest

from core.services.reading.publisher_text import link, plain_text


def test_a_description_is_its_words_with_its_paragraphs_as_lines() -> None:
    assert plain_text("<p>One &amp; two</p><p>three<script>alert(1)</script></p>") == "One & two\nthree"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "https://", "", None])
def test_what_is_no_address_of_the_web_is_no_link(address: str | None) -> None:
    assert link(address) is None


def test_an_address_of_the_web_is_one() -> None:
    assert link("https://example.org/a b") == "https://example.org/a%20b"
