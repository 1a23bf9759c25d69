"""Offers of a publisher as rows, and the documents that came of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.domain.episodes.publisher_extras import (
    Chapters,
    ExtraKind,
    Offer,
    OfferOutcome,
    Origin,
    SuppliedChapter,
    SuppliedTranscript,
)
from core.domain.jobs.job import PRIORITY_USER
from core.domain.transcripts.transcript import Segment
from core.store.db.database import Store
from core.store.jobs import jobs
from core.store.library import publisher_extras
from tests.store.conftest import add_feed

VTT = Offer(ExtraKind.TRANSCRIPT, "https://a.example/t.vtt", "text/vtt", "en")
CHAPTERS = Offer(ExtraKind.CHAPTERS, "https://a.example/c.json")
LIST = Chapters((SuppliedChapter("Start", 0.0),))
TEXT = SuppliedTranscript((Segment(0, 0.0, 1.0, "Hello."),), "en")


def offer(store: Store, episode_id: int, *offers: Offer) -> None:
    store.write(partial(publisher_extras.offer, episode_id=episode_id, offers=offers))


def settle(store: Store, episode_id: int, *outcomes: OfferOutcome) -> None:
    store.write(partial(publisher_extras.settle, episode_id=episode_id, outcomes=outcomes, now=5.0))


def test_an_offer_that_was_tried_is_not_tried_again_because_it_is_offered_again(store: Store, episode_id: int) -> None:
    offer(store, episode_id, VTT, CHAPTERS)
    settle(store, episode_id, OfferOutcome(VTT, error="Gone."))
    offer(store, episode_id, VTT, CHAPTERS)
    assert publisher_extras.untried(store.read(), episode_id) == [CHAPTERS]
    tried = {each.offer: (each.tried_at, each.error) for each in publisher_extras.tried(store.read(), episode_id)}
    assert tried == {CHAPTERS: (None, None), VTT: (5.0, "Gone.")}


def test_an_offer_that_the_feed_takes_back_is_forgotten(store: Store, add_episode: Callable[..., int]) -> None:
    feed = add_feed(store)
    episode = add_episode(feed_id=feed, guid="a")
    offer(store, episode, VTT, CHAPTERS)
    offer(store, episode, VTT)
    assert publisher_extras.of_feed(store.read(), feed) == {episode: {VTT}}


def test_offers_are_fetched_once_the_audio_is_here(store: Store, episode_id: int) -> None:
    offer(store, episode_id, VTT)
    store.write(partial(jobs.enqueue, episode_id=episode_id, priority=PRIORITY_USER, now=0.0))
    assert publisher_extras.with_untried(store.read(), limit=9) == []
    store.write(lambda db: db.execute("UPDATE jobs SET state = 'done' WHERE stage = 'fetch'"))
    assert publisher_extras.with_untried(store.read(), limit=9) == [episode_id]
    store.write(lambda db: publisher_extras.leave(db, episode_id, now=6.0))
    assert publisher_extras.with_untried(store.read(), limit=9) == []


def test_a_document_takes_the_place_of_its_forerunner_of_the_same_origin(store: Store, episode_id: int) -> None:
    settle(store, episode_id, OfferOutcome(CHAPTERS, LIST), OfferOutcome(VTT, TEXT))
    of_file = Chapters((SuppliedChapter("In the file", 1.0),))
    store.write(partial(publisher_extras.save, episode_id=episode_id, origin=Origin.FILE, document=of_file, now=6.0))
    newer = Chapters((SuppliedChapter("Newer", 0.0),))
    store.write(partial(publisher_extras.save, episode_id=episode_id, origin=Origin.PUBLISHER, document=newer, now=7.0))
    read = store.read()
    assert publisher_extras.chapters(read, episode_id, Origin.PUBLISHER) == newer
    assert publisher_extras.chapters(read, episode_id, Origin.FILE) == of_file
    assert publisher_extras.transcript(read, episode_id) == TEXT
    assert publisher_extras.origins(read, episode_id) == {
        ExtraKind.CHAPTERS: [Origin.PUBLISHER, Origin.FILE],
        ExtraKind.TRANSCRIPT: [Origin.PUBLISHER],
    }


def test_an_episode_without_any_has_none(store: Store, episode_id: int) -> None:
    read = store.read()
    assert publisher_extras.transcript(read, episode_id) is None
    assert publisher_extras.chapters(read, episode_id, Origin.FILE) is None
    assert publisher_extras.origins(read, episode_id) == {kind: [] for kind in ExtraKind}
