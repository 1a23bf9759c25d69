"""Entries saved to the library; and audio that a publisher announces and does not give out: real requests by the real fetch
stage, on a clock that is turned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.api import schemas
from core.domain.accounts.actor import OWNER
from core.domain.episodes.publisher_extras import Chapters, ExtraKind, Offer, Origin, SuppliedChapter
from core.domain.feeds.feed import FeedEntry, ParsedFeed
from core.domain.jobs.job import PATIENT_FIRST, PATIENT_MOST, PATIENT_TRIES, Stage, State
from core.notes.language_model import LanguageModel
from core.pipeline.gpu import GpuLease
from core.pipeline.step import Resources
from core.services.feeds.subscriptions import Subscriptions
from core.speech.client.client import SpeechClient
from core.speech.client.gpu_health import GpuHealth
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes, publisher_extras
from core.transactions.feed_entries import Taken, take
from tests.fakes.podcast_host import START, Mode, PodcastHost
from tests.runner_fixture import Rig, real_runs

F = Stage.FETCH
AUDIO = "en_episode.mp3"


THREE = tuple(FeedEntry(f"g{n}", f"Number {n}", f"https://a.example/{n}.mp3", published_at=900.0 - n) for n in range(3))


def subscribed(rig: Rig, **columns: Any) -> int:
    return rig.store.write(lambda db: feeds.add(db, {"url": "https://a.example/feed", "title": "A"} | columns, now=rig.now))


def poll(rig: Rig, feed_id: int, *entries: FeedEntry, whole: bool = True) -> Taken:
    def change(db: Database) -> Taken:
        taken = take(db, feeds.get(db, feed_id), ParsedFeed("A", entries=entries), now=rig.now, whole=whole)
        feeds.change(db, feed_id, {"last_success_at": rig.now})
        return taken

    return rig.store.write(change)


def titles(rig: Rig, feed_id: int) -> list[str]:
    return [episode.title for episode in episodes.of_feed(rig.store.read(), feed_id)]


def listed(rig: Rig, feed_id: int) -> list[bool]:
    return [known.listed for known in episodes.known(rig.store.read(), feed_id)]


def test_a_poll_counts_new_queued_and_updated_episodes(rig: Rig) -> None:
    feed_id = subscribed(rig, backlog=1)
    assert poll(rig, feed_id, *THREE[1:]) == Taken(2, 1, 0)
    assert poll(rig, feed_id, *THREE[1:]) == Taken()
    assert poll(rig, feed_id, THREE[0], replace(THREE[1], title="Changed"), THREE[2]) == Taken(1, 1, 1)
    assert Taken(1, 2, 3).and_of(Taken(10, 20, 30)) == Taken(11, 22, 33)
    assert Taken() == Taken(0, 0, 0)


def test_an_untitled_entry_gets_a_title_of_its_own_and_then_the_publishers_but_never_over_the_users(rig: Rig) -> None:
    feed_id = subscribed(rig)
    untitled = FeedEntry("The long winter", "", "https://a.example/x.mp3")
    poll(rig, feed_id, untitled)
    assert titles(rig, feed_id) == ["The long winter"]
    poll(rig, feed_id, replace(untitled, title="Winter"))
    assert titles(rig, feed_id) == ["Winter"]
    poll(rig, feed_id, replace(untitled, title="", number=2.0))
    assert titles(rig, feed_id) == ["The long winter"]
    (episode,) = episodes.of_feed(rig.store.read(), feed_id)
    rig.store.write(lambda db: episodes.change(db, episode.id, {"title": "Mine"}, now=rig.now))
    poll(rig, feed_id, replace(untitled, title="Winter again"))
    assert titles(rig, feed_id) == ["Mine"]


def test_episodes_that_a_feed_does_not_list_any_more_are_marked_until_it_does(rig: Rig) -> None:
    feed_id = subscribed(rig)
    poll(rig, feed_id, *THREE)
    poll(rig, feed_id, *THREE[:1], whole=False)
    assert listed(rig, feed_id) == [True, True, True]
    for _ in range(2):
        poll(rig, feed_id, *THREE[:1])
        assert listed(rig, feed_id) == [True, False, False]
    poll(rig, feed_id, *THREE[:2])
    assert listed(rig, feed_id) == [True, True, False]


def test_chapters_of_the_feed_are_saved_followed_and_published_again(rig: Rig) -> None:
    feed_id = subscribed(rig, backlog=1)
    first, second = (SuppliedChapter("Cats", 0.0),), (SuppliedChapter("Dogs", 0.0),)

    def saved() -> tuple[SuppliedChapter, ...] | None:
        (episode,) = episodes.of_feed(rig.store.read(), feed_id)
        found = publisher_extras.chapters(rig.store.read(), episode.id, Origin.PUBLISHER)
        return found and found.items

    poll(rig, feed_id, THREE[0])
    assert saved() is None
    rig.run_all()
    rig.ran.clear()
    for chapters, again in ((first, True), (second, True), (second, False), ((), False)):
        before = saved()
        poll(rig, feed_id, replace(THREE[0], chapters=chapters, number=float(len(rig.ran))))
        assert saved() == (chapters or before)
        ran = len(rig.ran)
        rig.run_all()
        assert [name for _, name in rig.ran[ran:]] == [Stage.PUBLISH] * again


def test_chapters_of_a_document_are_not_replaced_by_those_in_the_feed(rig: Rig) -> None:
    feed_id = subscribed(rig)
    document = (Offer(ExtraKind.CHAPTERS, "https://a.example/c.json"),)
    entry = replace(THREE[0], offers=document, chapters=(SuppliedChapter("In the feed", 0.0),))
    poll(rig, feed_id, entry)
    (episode,) = episodes.of_feed(rig.store.read(), feed_id)
    downloaded = Chapters((SuppliedChapter("In the document", 0.0),))
    rig.store.write(lambda db: publisher_extras.save(db, episode.id, Origin.PUBLISHER, downloaded, now=rig.now))
    poll(rig, feed_id, replace(entry, title="Changed"))
    assert publisher_extras.chapters(rig.store.read(), episode.id, Origin.PUBLISHER) == downloaded


def test_each_failed_download_of_a_feed_is_tried_again(rig: Rig) -> None:
    feed_id = subscribed(rig, backlog=3)
    poll(rig, feed_id, *THREE)
    gone = '{"code": "enclosure_gone", "detail": "", "params": {"status": 404}}'
    second, third = (e.id for e in episodes.of_feed(rig.store.read(), feed_id)[1:])
    rig.store.write(
        lambda db: db.execute(
            "UPDATE jobs SET state = 'failed', error = ? WHERE stage = 'fetch' AND episode_id IN (?, ?)", [gone, second, third]
        )
    )
    assert poll(rig, feed_id, *THREE) == Taken(0, 2, 0)
    assert [rig.state(number, F) for number in (second, third)] == [State.QUEUED, State.QUEUED]


class Subscriber:
    """A feed of the host, polled and fetched from for real."""

    def __init__(self, rig: Rig, host: PodcastHost, speech: SpeechClient) -> None:
        rig.now = START + 3600.0
        self.rig, self.host = rig, host
        model = LanguageModel(lambda: rig.settings.values)
        gpu = GpuLease(speech, card=GpuHealth, ollama=model.client, on_processor=model.on_processor)
        rig.stages[F] = real_runs(Resources(rig.data, speech, model, gpu, rig.fetcher))[F]
        self.feeds = Subscriptions(rig.store, rig.settings, rig.fetcher, clock=lambda: rig.now, random=lambda: 0.0)

    def subscribe(self) -> int:
        """The id of the one episode that is queued."""
        self.feed_id = self.feeds.add(OWNER, self.host.feed_url, backlog=1).feed.id
        row = self.rig.store.read().execute("SELECT episode_id FROM jobs WHERE stage = 'fetch'").fetchone()
        return int(row[0])

    def poll(self) -> None:
        self.host.touch()
        self.host.channel_says(f"<!-- {self.rig.now} -->")
        assert self.feeds.poll(self.feed_id).error is None

    def exhaust(self, episode: int) -> None:
        while (job := self.rig.job(episode, F)).state is not State.FAILED:
            self.rig.now = max(self.rig.now, job.not_before)
            self.rig.step(F)


@pytest.fixture
def subscriber(store: Store, tmp_path: Path, host: PodcastHost, speech: SpeechClient) -> Iterator[Subscriber]:
    rig = Rig(store, tmp_path, {"CASTMIND_MIN_FREE_GB": "0"})
    yield Subscriber(rig, host, speech)
    rig.fetcher.close()


OUTAGES = (
    Mode.NOT_FOUND,
    Mode.GONE,
    Mode.FORBIDDEN,
    Mode.ERROR,
    Mode.BUSY,
    Mode.TOO_MANY,
    Mode.UNAVAILABLE,
    Mode.EMPTY,
    Mode.HTML,
)


@pytest.mark.parametrize("mode", OUTAGES)
def test_an_outage_is_waited_for_and_the_episode_comes(subscriber: Subscriber, mode: Mode) -> None:
    rig = subscriber.rig
    episode = subscriber.subscribe()
    subscriber.host.play(f"/audio/{AUDIO}", mode, mode)
    rig.step(F)
    first = rig.job(episode, F)
    assert (first.state, first.tries) == (State.WAITING, 1)
    assert 0.99 * PATIENT_FIRST <= first.not_before - rig.now <= 1.11 * PATIENT_FIRST
    assert schemas.job(first)["retry_at"] == schemas.stage(first)["retry_at"] == schemas.moment(first.not_before)
    assert "again" not in str(first.error)
    assert not rig.runner.step(F), "nobody is asked before that"
    rig.now = first.not_before
    rig.step(F)
    second = rig.job(episode, F)
    assert second.not_before - rig.now >= 1.9 * PATIENT_FIRST
    rig.now = second.not_before
    rig.step(F)
    assert rig.state(episode, F) is State.DONE


def test_a_transfer_goes_on_within_seconds_while_it_gets_further(subscriber: Subscriber) -> None:
    rig, breaks = subscriber.rig, 12
    assert breaks > PATIENT_TRIES
    episode = subscriber.subscribe()
    subscriber.host.play(f"/audio/{AUDIO}", *[Mode.BREAK] * breaks)
    sizes = [0]
    for _ in range(breaks):
        rig.step(F)
        job = rig.job(episode, F)
        assert (job.state, job.tries) == (State.QUEUED, 0)
        assert job.not_before - rig.now < 60.0
        sizes.append(next((rig.data / "media").glob("*.part")).stat().st_size)
        rig.now = job.not_before
    assert sizes == sorted(set(sizes))
    rig.step(F)
    assert rig.state(episode, F) is State.DONE


def test_a_transfer_that_gets_no_further_waits_for_hours(subscriber: Subscriber) -> None:
    rig = subscriber.rig
    episode = subscriber.subscribe()
    subscriber.host.play(f"/audio/{AUDIO}", Mode.BREAK, Mode.CHANGED_BREAK)
    rig.step(F)
    assert rig.state(episode, F) is State.QUEUED
    rig.now = rig.job(episode, F).not_before
    rig.step(F)
    job = rig.job(episode, F)
    assert (job.state, job.tries) == (State.WAITING, 1)
    assert job.not_before - rig.now >= PATIENT_FIRST


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/closed.mp3", "https://127.0.0.1:{port}/no-tls.mp3", "/as/loop/round.mp3"]
)
def test_a_host_that_cannot_be_talked_to_is_waited_for(subscriber: Subscriber, address: str) -> None:
    host = subscriber.host
    url = address.format(port=host.port)
    host.items[0] = replace(host.items[0], url=url if "://" in url else host.url + url)
    episode = subscriber.subscribe()
    subscriber.rig.step(F)
    assert subscriber.rig.state(episode, F) is State.WAITING


@pytest.mark.parametrize("mode", [Mode.PLAYLIST, Mode.TO_PRIVATE])
def test_what_cannot_pass_fails_at_once_and_polls_leave_it(subscriber: Subscriber, mode: Mode) -> None:
    episode = subscriber.subscribe()
    subscriber.host.play(f"/audio/{AUDIO}", mode)
    subscriber.rig.step(F)
    assert subscriber.rig.state(episode, F) is State.FAILED
    subscriber.poll()
    assert subscriber.rig.state(episode, F) is State.FAILED


def test_it_is_tried_for_weeks_then_fails_and_a_poll_tries_once_a_week(subscriber: Subscriber) -> None:
    rig, host = subscriber.rig, subscriber.host
    host.items[0] = replace(host.items[0], url=host.audio_url(AUDIO, Mode.NOT_FOUND))
    episode = subscriber.subscribe()
    began = rig.now
    subscriber.exhaust(episode)
    path = f"/as/not_found/audio/{AUDIO}"
    assert len(host.requests(path)) == PATIENT_TRIES
    assert rig.now - began > 2 * PATIENT_MOST
    failed = rig.job(episode, F)
    assert schemas.job(failed)["retry_at"] is None
    subscriber.poll()
    assert rig.state(episode, F) is State.FAILED
    rig.now += PATIENT_MOST
    subscriber.poll()
    assert rig.state(episode, F) is State.QUEUED
    rig.step(F)
    assert rig.state(episode, F) is State.FAILED
    assert len(host.requests(path)) == PATIENT_TRIES + 1


@pytest.mark.parametrize("body", [b'{"error": "quota"}', b"<Error><Code>SlowDown</Code></Error>", b"out of order", b"\r\n"])
def test_text_in_the_place_of_audio_is_waited_for(subscriber: Subscriber, body: bytes) -> None:
    rig, host = subscriber.rig, subscriber.host
    audio, host.files[AUDIO] = host.files[AUDIO], body
    episode = subscriber.subscribe()
    rig.step(F)
    job = rig.job(episode, F)
    assert (job.state, job.tries) == (State.WAITING, 1)
    host.files[AUDIO] = audio
    rig.now = job.not_before
    rig.step(F)
    assert rig.state(episode, F) is State.DONE


@pytest.mark.parametrize("unchanged", ["304", "the same body"])
def test_a_feed_that_is_as_it_was_tries_again_what_is_due(subscriber: Subscriber, unchanged: str) -> None:
    rig, host = subscriber.rig, subscriber.host
    host.items[0] = replace(host.items[0], url=host.audio_url(AUDIO, Mode.NOT_FOUND))
    episode = subscriber.subscribe()
    subscriber.exhaust(episode)
    for passed, state in ((0.0, State.FAILED), (PATIENT_MOST, State.QUEUED)):
        rig.now += passed
        # The weekly poll without conditions is another matter.
        rig.store.write(lambda db: db.execute("UPDATE feeds SET last_polled_at = ?", [rig.now]))
        asked = len(host.requests("/feed.xml"))
        polled = subscriber.feeds.poll(subscriber.feed_id, anew=unchanged != "304")
        assert host.requests("/feed.xml")[asked].status == (304 if unchanged == "304" else 200)
        assert polled.taken.queued == (state is State.QUEUED)
        assert rig.state(episode, F) is state


@pytest.mark.parametrize("error", ["not_audio", "too_large", "bad_address", "media_unreadable", "access_refused"])
def test_a_feed_that_is_as_it_was_leaves_what_cannot_pass(subscriber: Subscriber, error: str) -> None:
    rig = subscriber.rig
    episode = subscriber.subscribe()
    record = f'{{"code": "{error}", "detail": "", "params": {{"status": 401}}}}'
    rig.store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed', error = ? WHERE stage = 'fetch'", [record]))
    assert subscriber.feeds.poll(subscriber.feed_id).taken.queued == 0
    assert rig.state(episode, F) is State.FAILED


def test_what_the_feed_does_not_list_any_more_is_left(subscriber: Subscriber) -> None:
    rig, host = subscriber.rig, subscriber.host
    host.items[0] = replace(host.items[0], url=host.audio_url(AUDIO, Mode.NOT_FOUND))
    episode = subscriber.subscribe()
    subscriber.exhaust(episode)
    gone = host.items.pop(0)
    subscriber.poll()
    rig.now += PATIENT_MOST
    rig.store.write(lambda db: db.execute("UPDATE feeds SET last_polled_at = ?", [rig.now]))
    assert subscriber.feeds.poll(subscriber.feed_id).taken.queued == 0
    assert rig.state(episode, F) is State.FAILED
    host.items.insert(0, gone)
    subscriber.poll()
    assert rig.state(episode, F) is State.QUEUED, "listed again"


def test_another_address_is_tried_at_once_and_afresh(subscriber: Subscriber) -> None:
    rig, host = subscriber.rig, subscriber.host
    host.items[0] = replace(host.items[0], url=host.audio_url(AUDIO, Mode.NOT_FOUND))
    episode = subscriber.subscribe()
    rig.step(F)
    assert rig.state(episode, F) is State.WAITING
    host.items[0] = replace(host.items[0], url=None)
    subscriber.poll()
    job = rig.job(episode, F)
    assert (job.state, job.tries, job.not_before, job.error) == (State.QUEUED, 0, 0.0, None)
    rig.step(F)
    assert rig.state(episode, F) is State.DONE


def test_what_an_earlier_version_gave_up_is_tried_by_the_next_poll(subscriber: Subscriber) -> None:
    rig = subscriber.rig
    episode = subscriber.subscribe()
    gone = '{"code": "enclosure_gone", "detail": "", "params": {"status": 404}}'
    rig.store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed', tries = 0, error = ? WHERE stage = 'fetch'", [gone]))
    subscriber.poll()
    rig.step(F)
    assert rig.state(episode, F) is State.DONE


@pytest.mark.parametrize("press", ["retry", "transcribe"])
def test_a_press_starts_it_at_once_and_afresh(subscriber: Subscriber, press: str) -> None:
    rig = subscriber.rig
    episode = subscriber.subscribe()
    subscriber.host.play(f"/audio/{AUDIO}", Mode.NOT_FOUND, Mode.ERROR)
    rig.step(F)
    getattr(rig.library, press)(OWNER, episode)
    job = rig.job(episode, F)
    assert (job.state, job.tries, job.not_before) == (State.QUEUED, 0, 0.0)
    rig.step(F)
    again = rig.job(episode, F)
    assert (again.state, again.tries) == (State.WAITING, 1)


def test_downloads_go_on_when_a_computer_is_online_again(subscriber: Subscriber) -> None:
    rig, host = subscriber.rig, subscriber.host
    host.items[0] = replace(host.items[0], url="http://127.0.0.1:9/closed.mp3")
    episode = subscriber.subscribe()
    rig.step(F)
    offline = '{"code": "network_unreachable", "detail": "", "params": {}}'
    rig.store.write(lambda db: db.execute("UPDATE feeds SET error = ?, failures = 1", [offline]))
    assert subscriber.feeds.poll(subscriber.feed_id).error is None
    assert rig.job(episode, F).not_before == 0.0


def test_an_address_that_a_person_gave_says_at_once_that_nothing_is_there(subscriber: Subscriber) -> None:
    listed = subscriber.rig.ingest.import_address(OWNER, subscriber.host.audio_url(AUDIO, Mode.NOT_FOUND))
    subscriber.rig.step(F)
    assert subscriber.rig.state(listed.episode.id, F) is State.FAILED
