"""Text, addresses and names made harmless."""

from __future__ import annotations

import pytest

from core.export.layout.escaping import address, obsidian_tag, prose, wiki_link


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("Plain", "[[Plain]]"),
        ("Part 1: Why?", "[[Part 1 Why|Part 1: Why?]]"),
        ("[[x]] | #y", "[[x y]]"),
        ("...", ""),
        ("a/b\\c", "[[a b c|a/b c]]"),
    ],
)
def test_a_wiki_link_names_a_file_that_can_be(name: str, link: str) -> None:
    assert wiki_link(name) == link


@pytest.mark.parametrize(("name", "tag"), [("two words", "two-words"), ("2024", "2024_"), ("经济/宏观", "经济/宏观"), ("#!", "")])
def test_a_tag_is_one_that_obsidian_takes(name: str, tag: str) -> None:
    assert obsidian_tag(name) == tag


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("1) item", "1\\) item"),
        ("# heading", "\\# heading"),
        ("=== line", "\\=\\== line"),
        ("www.example.com a@b.c", "www\\.example.com a\\@b.c"),
        ("rating:: 5", "rating\\:\\: 5"),
        ("plain 3.5 % (really) - yes!", "plain 3.5 \\% (really) - yes!"),
    ],
)
def test_prose_escapes_what_would_be_markup(text: str, shown: str) -> None:
    assert prose(text) == shown


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("//evil.example/x", None),
        ("http://[bad", None),
        ("", None),
        ("https://a.example/x y)<z>", "https://a.example/x%20y%29%3Cz%3E"),
        ("https://u:p@[::1]:8443/x?token=1", "https://[::1]:8443/x?token=1"),
        ("../media/7.mp3", "../media/7.mp3"),
        ("/api/v1/episodes/7/audio", "/api/v1/episodes/7/audio"),
    ],
)
def test_addresses_are_harmless_or_left_out(url: str, safe: str | None) -> None:
    assert address(url) == safe
