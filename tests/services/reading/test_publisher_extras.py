from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.publisher_extras import ExtraKind, Offer, Origin, SuppliedChapter
from core.domain.feeds.feed import Feed, FeedEntry, ParsedFeed
from core.domain.jobs.job import Stage
from core.domain.notes.note import Chapter
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.errors import Conflict
from core.files import partial_files
from core.pipeline.step import StepContext
from core.pipeline.steps.fetch import Fetched
from core.settings import PROJECT
from core.sources.feeds.parse import parse
from core.sources.publisher.fetch import fetch_all
from core.sources.uploads.multipart import Received
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import publisher_extras
from core.transactions.feed_entries import take
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import NOTES, Rig

F, T, S, P = Stage
PODCAST = 'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
CHAPTERS = b'{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "Cats"}, {"startTime": 30, "title": "Dogs"}]}'
VTT = b"WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ann>A talk about cats.\n\n00:02.000 --> 00:04.000\n<v Bob>Thank you very much.\n"
TALK = Transcript(
    "en", 60.0, (Segment(0, 0.1, 2.0, "A talk about cats."), Segment(1, 2.2, 4.0, "Thank you very much.")), SpeechEngine("demo")
)


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        running.items.clear()
        running.files.update({"c.json": CHAPTERS, "t.vtt": VTT})
        yield running


@pytest.fixture
def listening(rig: Rig) -> Rig:
    """A rig whose fetch step has the audio already, and fetches everything else for real."""

    def fetch(given: Any, work: StepContext) -> Fetched:
        return Fetched("uploads/a.wav", publisher_extras=tuple(fetch_all(given.offers, rig.fetcher, check=work.check)))

    rig.stages[F] = fetch
    rig.stages[T] = rig._plain(TALK)
    return rig


def offering(host: PodcastHost, mode: Mode = Mode.OK) -> str:
    chapters, transcript = host.audio_url("c.json", mode), host.audio_url("t.vtt", mode)
    return (
        f'<podcast:chapters {PODCAST} url="{chapters}" type="application/json+chapters"/>'
        f'<podcast:transcript {PODCAST} url="{transcript}" type="text/vtt" language="en"/>'
        f'<podcast:transcript {PODCAST} url="{host.audio_url("other.srt")}" type="application/srt"/>'
    )


def subscribed(rig: Rig) -> Feed:
    number = rig.store.write(partial(feeds.add, values={"url": "https://f/", "title": "F"}, now=rig.now))
    return feeds.get(rig.store.read(), number)


def poll(rig: Rig, feed: Feed, host: PodcastHost) -> int:
    """Poll the host's feed; return its only episode."""
    parsed = parse(host.feed(), host.feed_url)

    def change(db: Database) -> None:
        take(db, feeds.get(db, feed.id), parsed, now=rig.now)
        feeds.change(db, feed.id, {"last_success_at": rig.now})

    rig.store.write(change)
    return rig.library.listing(OWNER).items[0].episode.id


def test_what_the_feed_offers_comes_with_the_audio_and_names_the_speakers(listening: Rig, host: PodcastHost) -> None:
    host.publish("en_short.wav", "One", extra=offering(host))
    episode = poll(listening, subscribed(listening), host)
    listening.run_all()
    found = listening.publisher_extras.chapters(OWNER, episode)
    assert found
    assert (found.origin, [c.title for c in found.items]) == (Origin.PUBLISHER, ["Cats", "Dogs"])
    published = listening.publisher_extras.transcript(OWNER, episode)
    assert published
    assert [(s.speaker, s.text) for s in published.segments] == [("Ann", "A talk about cats."), ("Bob", "Thank you very much.")]
    assert [s.name for s in listening.annotations.speakers(OWNER, episode)] == ["Ann", "Bob"]


def test_what_cannot_be_fetched_fails_nothing_and_is_said(listening: Rig, host: PodcastHost) -> None:
    host.publish("en_short.wav", "One", extra=offering(host, Mode.ERROR))
    episode = poll(listening, subscribed(listening), host)
    listening.run_all()
    assert listening.states(episode) == "dddd"
    status = listening.publisher_extras.status(OWNER, episode)
    assert (status.chapters, status.transcript) == ((), ())
    assert {t.offer.kind for t in status.offers if t.error and "500" in t.error} == set(ExtraKind)
    host.files["other.srt"] = VTT
    assert listening.publisher_extras.refresh(OWNER, episode).transcript == (Origin.PUBLISHER,)


def test_a_transcript_that_comes_days_later_is_fetched_by_itself_once(listening: Rig, host: PodcastHost) -> None:
    item = host.publish("en_short.wav", "One")
    feed = subscribed(listening)
    episode = poll(listening, feed, host)
    listening.run_all()
    listening.publisher_extras.step()
    item.extra = offering(host)
    assert poll(listening, feed, host) == episode
    listening.publisher_extras.step()
    assert listening.publisher_extras.status(OWNER, episode).transcript == (Origin.PUBLISHER,)
    assert [s.name for s in listening.annotations.speakers(OWNER, episode)] == ["Ann", "Bob"]
    asked = len(host.requests())
    poll(listening, feed, host)
    listening.publisher_extras.step()
    assert len(host.requests()) == asked
    assert listening.states(episode) == "dddq"


def test_what_a_feed_offers_no_more_is_not_asked_for(listening: Rig, host: PodcastHost) -> None:
    item = host.publish("en_short.wav", "One", extra=offering(host))
    feed = subscribed(listening)
    episode = poll(listening, feed, host)
    item.extra = ""
    poll(listening, feed, host)
    listening.run_all()
    assert publisher_extras.tried(listening.store.read(), episode) == []
    assert [r.path for r in host.requests()] == []


def test_chapters_inside_a_file_are_found_and_ours_stand_behind_them(rig: Rig, tmp_path: Path) -> None:
    meta = tmp_path / "meta.txt"
    chapters = ((0, 1500, "Intro 一"), (1500, 3000, "Two"))
    lines = [f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n" for start, end, title in chapters]
    meta.write_text("".join([";FFMETADATA1\n", *lines]))
    part = partial_files.new_part(rig.data / "uploads")
    sample = PROJECT / "demo" / "samples" / "en_short.wav"
    command = ["ffmpeg", "-v", "error", "-i", sample, "-i", meta, "-map_metadata", "1", "-map_chapters", "1", "-f", "mp3", part]
    subprocess.run(command, check=True)
    listed, _ = rig.ingest.keep_upload(OWNER, Received(part, partial_files.sha256_of(part), part.stat().st_size, "talk.mp3"))
    episode = listed.episode.id
    rig.stages[S] = rig._plain(replace(NOTES, chapters=(Chapter("By us", 2.0),)))
    rig.run_all()
    found = rig.publisher_extras.chapters(OWNER, episode)
    assert found
    assert (found.origin, found.items) == (Origin.FILE, (SuppliedChapter("Intro 一", 0.0), SuppliedChapter("Two", 1.5)))
    ours = rig.publisher_extras.chapters(OWNER, episode, Origin.NOTES)
    assert ours
    assert ours.items == (SuppliedChapter("By us", 2.0),)
    assert rig.publisher_extras.status(OWNER, episode).chapters == (Origin.FILE, Origin.NOTES)
    assert rig.publisher_extras.chapters(OWNER, episode, Origin.PUBLISHER) is None


def test_an_episode_in_the_trash_is_left_alone(listening: Rig, host: PodcastHost) -> None:
    host.publish("en_short.wav", "One", extra=offering(host))
    episode = poll(listening, subscribed(listening), host)
    listening.trash.delete(OWNER, [episode])
    with pytest.raises(Conflict):
        listening.publisher_extras.refresh(OWNER, episode)
    listening.publisher_extras.step()
    assert host.requests() == []


def test_chapters_that_stand_in_the_feed_are_kept_and_follow_it(store: Store) -> None:
    def poll(*chapters: SuppliedChapter, offers: tuple[Offer, ...] = ()) -> list[SuppliedChapter]:
        entry = FeedEntry("g", "One", "https://a.example/1.mp3", offers=offers, chapters=chapters)
        store.write(lambda db: take(db, feeds.get(db, feed_id), ParsedFeed("Show", entries=(entry,)), now=2.0))
        store.write(lambda db: feeds.change(db, feed_id, {"last_success_at": 2.0}))
        found = publisher_extras.chapters(store.read(), 1, Origin.PUBLISHER)
        return list(found.items) if found else []

    feed_id = store.write(lambda db: feeds.add(db, {"url": "https://a.example/f", "title": "Show"}, now=1.0))
    first = SuppliedChapter("Tides", 0.0, "https://a.example/t", "https://a.example/t.png")
    later = SuppliedChapter("Ships", 9.5)
    document = (Offer(ExtraKind.CHAPTERS, "https://a.example/c.json"),)
    assert poll(first) == [first]
    assert poll(first, later) == [first, later]
    # Values that left the feed are kept, and an existing chapters document is not overwritten.
    assert poll() == [first, later]
    assert poll(later, offers=document) == [first, later]


def test_they_stand_in_until_a_document_of_chapters_is_there(store: Store) -> None:
    feed_id = store.write(lambda db: feeds.add(db, {"url": "https://a.example/f", "title": "Show"}, now=1.0))
    offers = (Offer(ExtraKind.CHAPTERS, "https://a.example/c.json"),)
    entry = FeedEntry("g", "One", "https://a.example/1.mp3", offers=offers, chapters=(SuppliedChapter("Tides", 0.0),))
    store.write(lambda db: take(db, feeds.get(db, feed_id), ParsedFeed("Show", entries=(entry,)), now=2.0))
    found = publisher_extras.chapters(store.read(), 1, Origin.PUBLISHER)
    assert found and found.items == entry.chapters
    assert [each.url for each in publisher_extras.untried(store.read(), 1)] == ["https://a.example/c.json"]
