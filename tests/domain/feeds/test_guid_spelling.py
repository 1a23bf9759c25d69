from __future__ import annotations

import pytest

from core.domain.feeds.feed import FeedEntry
from core.domain.feeds.guid_spelling import spelling
from core.domain.feeds.matching import Decider, Known

NOW = "https://a.example/p?x=1&copy=1&section=2&amp=4&b"
EARLIER = "https://a.example/p?x=1©=1&section;=2&amp;=4&b;"


def known(episode_id: int, guid: str) -> Known:
    return Known(episode_id, guid, f"https://old.example/{episode_id}.mp3", f"Nr {episode_id}", published_at=1e9 + episode_id)


def entry(guid: str) -> FeedEntry:
    """At another address and without a date, so that nothing but its guid says which one it is."""
    return FeedEntry(guid, "Renamed", "https://new.example/audio")


@pytest.mark.parametrize(
    ("now", "earlier"),
    [
        (NOW, EARLIER),
        ("R&D", "R&D;"),
        ("x?a&times=3&yen=4", "x?a×=3¥=4"),
        ("x?a=1&b=2", "x?a=1&amp;b=2"),
        ("x?a=1&amp;b=2", "x?a=1&b=2"),
        ("x?a=1&lt=2", "x?a=1&lt;=2"),
        ("x&reg=1&para=2", "x®=1¶=2"),
    ],
)
def test_an_episode_is_known_by_what_its_guid_was_read_as_before(now: str, earlier: str) -> None:
    decision = Decider([known(1, earlier), known(2, "other&copy")]).decide([entry(now)])
    assert [episode for episode, _ in decision.seen] == [1]
    assert (decision.new, decision.reused) == ((), ())


def test_a_guid_as_it_stands_comes_first() -> None:
    decision = Decider([known(1, EARLIER), known(2, NOW)]).decide([entry(NOW)])
    assert [episode for episode, _ in decision.seen] == [2]


def test_two_that_could_be_meant_are_neither() -> None:
    decision = Decider([known(1, "x?a=1&amp;b=2"), known(2, "x?a=1&b;=2")]).decide([entry("x?a=1&b=2")])
    assert not decision.seen and len(decision.new) == 1


@pytest.mark.parametrize("guid", ["", "urn:uuid:1", "中文©", "a&&b", "&", "&;"])
def test_what_has_no_name_behind_an_ampersand_is_its_own_spelling(guid: str) -> None:
    assert spelling(guid) == guid or "&b" in guid
