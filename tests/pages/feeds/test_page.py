"""The feeds page before its first feed."""

from __future__ import annotations

from core.app import CastMind
from tests.pages.conftest import Open


def test_a_newcomer_is_shown_three_ways_in(castmind: CastMind, opened: Open) -> None:
    page = opened("feeds/page.py")
    assert [*page.header, *page.subheader][0].value == "Subscribe to your first podcast"
    assert "Paste the address" in page.caption[0].value
    for way, word in (("search", "Find a podcast by name"), ("file", "Import all your subscriptions")):
        page.segmented_control(key="add").set_value(way).run()
        assert word in page.caption[0].value
