"""The table of elements that break lines, as regular expressions."""

from __future__ import annotations

import re

import pytest

from core.domain.episodes import html_blocks


def test_no_name_hides_a_longer_one_that_begins_with_it() -> None:
    found = re.compile(html_blocks.pattern(frozenset({"p", "pre"}), {"h1": "h3"}))
    assert [found.fullmatch(name) is not None for name in ("p", "pre", "h1", "h3", "pr")] == [True, True, True, False, False]


@pytest.mark.parametrize("tag", ["<p>", "</P>", '<div class="a">', "<br/>", "<BR />", "<h2 id=x>", "</li>", "<tr\n>"])
def test_a_block_ends_its_line(tag: str) -> None:
    assert html_blocks.ENDS_LINE.fullmatch(tag)


@pytest.mark.parametrize("tag", ["<b>", "<span>", "</a>", "<td>", "<param>", "<preface>", "<p", "< p>", "<p <b>"])
def test_what_stands_within_a_line_does_not(tag: str) -> None:
    assert not html_blocks.ENDS_LINE.fullmatch(tag)


def test_an_end_and_a_break_close_and_a_beginning_opens() -> None:
    tags = ["<p>", "</p>", "<br>", "<hr/>", "</h1>"]
    assert [tag for tag in tags if html_blocks.CLOSES.fullmatch(tag)] == ["</p>", "<br>", "<hr/>", "</h1>"]
    assert [tag for tag in tags if html_blocks.OPENS.fullmatch(tag)] == ["<p>"]
