"""Material of a publisher: whose transcript is compared, and names that it gives to our speakers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from core.domain.episodes.publisher_extras import ExtraKind, Offer, OfferOutcome, SuppliedTranscript
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.errors import NotFound
from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.library import episodes, retention
from core.store.library import publisher_extras as rows
from core.store.text import transcripts
from core.transactions import publisher_extras

SAID = ("Welcome to the show, dear listeners.", "Today we speak about prices and demand.")
PUBLISHED = SuppliedTranscript(tuple(Segment(n, n * 10.0, n * 10.0 + 9, text, "AB"[n]) for n, text in enumerate(SAID)), "en")
OFFER = Offer(ExtraKind.TRANSCRIPT, "https://a.example/t.vtt")
OTHER = Offer(ExtraKind.TRANSCRIPT, "https://a.example/t.html")


@pytest.fixture
def number(store: Store) -> int:
    feed = store.write(lambda db: feeds.add(db, {"url": "https://example.org/feed", "title": "A show"}, now=1.0))
    values = {"title": "A talk", "source": "feed", "feed_id": feed, "guid": "a"}
    added = store.write(partial(episodes.add, values=values, now=1.0))
    store.write(lambda db: rows.offer(db, added, [OFFER, OTHER]))
    return added


def transcribe(store: Store, number: int, *speakers: str | None) -> None:
    segments = tuple(Segment(n, n * 10.0, n * 10.0 + 9, text, speakers[n]) for n, text in enumerate(SAID))
    made = Transcript("en", 20.0, segments, SpeechEngine("demo"))
    store.write(partial(transcripts.save, episode_id=number, transcript=made, now=1.0))


def keep(store: Store, number: int, document: SuppliedTranscript) -> None:
    store.write(lambda db: publisher_extras.keep(db, number, [OfferOutcome(OFFER, document)], now=5.0))


def names(store: Store, number: int) -> list[str | None]:
    return [segment.speaker for segment in transcripts.segments(store.read(), number, words=False)]


def test_speakers_without_a_name_get_the_publishers(store: Store, number: int) -> None:
    transcribe(store, number, None, None)
    version = transcripts.version(store.read(), number)
    keep(store, number, PUBLISHED)
    assert names(store, number) == ["A", "B"]
    assert transcripts.version(store.read(), number) != version
    assert rows.untried(store.read(), number) == [], "one served: the others are not needed"


@pytest.mark.parametrize(
    "document",
    [
        replace(PUBLISHED, timed=False),
        replace(PUBLISHED, segments=tuple(replace(segment, speaker=None) for segment in PUBLISHED.segments)),
    ],
)
def test_a_transcript_without_times_or_names_names_nobody(store: Store, number: int, document: SuppliedTranscript) -> None:
    transcribe(store, number, None, None)
    keep(store, number, document)
    assert names(store, number) == [None, None]


def test_names_of_our_own_stay(store: Store, number: int) -> None:
    transcribe(store, number, "Ann", None)
    keep(store, number, PUBLISHED)
    assert names(store, number) == ["Ann", None]


def test_an_episode_that_is_gone_keeps_nothing(store: Store) -> None:
    with pytest.raises(NotFound):
        keep(store, 99, PUBLISHED)


@pytest.mark.parametrize(
    ("episodes_own", "feeds_own", "setting", "compared"),
    [
        (None, None, "prefer", True),
        (None, None, "never", False),
        (None, "prefer", "never", True),
        (None, "never", "prefer", False),
        ("prefer", "never", "never", True),
        ("never", "prefer", "prefer", False),
    ],
)
def test_the_nearest_wish_counts(
    store: Store, number: int, episodes_own: str | None, feeds_own: str | None, setting: str, compared: bool
) -> None:
    keep(store, number, PUBLISHED)
    store.write(lambda db: episodes.change(db, number, {"publisher_transcript": episodes_own}, now=1.0))
    episode = episodes.get(store.read(), number)
    assert episode.feed_id
    store.write(lambda db: retention.choose(db, episode.feed_id or 0, {"publisher_transcript": feeds_own}))
    found = publisher_extras.to_compare(store.read(), episode, setting)
    assert found == (PUBLISHED if compared else None)
