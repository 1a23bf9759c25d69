"""The people of a show: hosts and guests of its episodes, each with the link that leads furthest."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.feeds import people
from core.domain.feeds.people import Person
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes
from core.store.text import transcripts
from pages.show import show_people

SPOKEN = Transcript("en", 60.0, (Segment(0, 0.0, 2.0, "Hello.", "Ben"),), SpeechEngine("demo"))


def test_people_lead_to_their_page_to_what_they_say_or_to_their_name(resting: CastMind, monkeypatch: pytest.MonkeyPatch) -> None:
    credited = [
        Person("Ada", link="https://ada.example/"),
        Person("Ben"),
        Person('Cleo "C" Doe', "guest"),
        Person("Eve", "guest", "javascript:alert(1)"),
    ]

    def fill(db: Database) -> int:
        feed_id = feeds.add(db, {"url": "https://f/", "title": "F"}, now=1.0)
        row = {"source": "feed", "feed_id": feed_id, "title": "Talk", "guid": "1", "people": people.written(credited)}
        transcripts.save(db, episodes.add(db, row, now=1.0), SPOKEN, now=1.0)
        return feed_id

    hosts, guests = show_people.groups(resting.library._store.write(fill))
    assert (hosts["said"], guests["said"]) == ("Hosts:", "Guests:")
    assert hosts["names"] == [
        {"name": "Ada", "href": "https://ada.example/", "away": True},
        {"name": "Ben", "href": "/search?q=speaker%3A%22Ben%22", "away": False},
    ]
    assert guests["names"] == [
        {"name": 'Cleo "C" Doe', "href": "/search?q=%22Cleo+C+Doe%22", "away": False},
        {"name": "Eve", "href": "/search?q=%22Eve%22", "away": False},
    ]
    monkeypatch.setattr(show_people, "MOST", 1)
    assert [group["said"] for group in show_people.groups(1)] == ["Host:", "Guest:"]


def test_a_show_without_names_has_no_people(resting: CastMind) -> None:
    assert show_people.groups(1) == []
