"""The elements that are read, and those that are let go."""

from __future__ import annotations

from core.sources.feeds.parse import parse
from core.sources.feeds.quick.elements import PLACES, ElementKind
from tests.sources.feeds.small_feeds import NAMESPACES, URL, rss


def test_no_element_that_is_let_go_says_anything_that_is_read() -> None:
    """Where feed_parse begins to read such an element, its line in the tables has to go."""
    plain = rss("<item><enclosure url='https://a.example/1.mp3' type='audio/mpeg'/></item>")
    declared = "".join(f" xmlns:{name}='{address}'" for name, address in NAMESPACES.items())
    silent = (ElementKind.INERT, ElementKind.LET_GO)
    for place, mark in (("feed", b"<item>"), ("item", b"<enclosure")):
        for name, (kind, _) in PLACES[place].items():
            if kind in silent:
                for inner in (
                    f"<{name}>https://a.example/x</{name}>",
                    f"<{name} url='https://a.example/x' href='/y' text='7' type='audio/mpeg'/>",
                ):
                    body = plain.replace(b"version='2.0'", f"version='2.0'{declared}".encode()).replace(
                        mark, inner.encode() + mark
                    )
                    assert parse(body, URL) == parse(plain, URL), name
