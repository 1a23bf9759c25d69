"""Audio that a publisher announces and does not give out: real requests by the real fetch stage, on a clock that is turned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.api import schemas
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import PATIENT_FIRST, PATIENT_MOST, PATIENT_TRIES, Stage, State
from core.notes.language_model import LanguageModel
from core.pipeline.gpu import GpuLease
from core.pipeline.step import Resources
from core.services.feeds.subscriptions import Subscriptions
from core.speech.client.client import SpeechClient
from core.speech.client.gpu_health import GpuHealth
from core.store.db.database import Store
from tests.fakes.podcast_host import START, Mode, PodcastHost
from tests.runner_fixture import Rig, real_runs

F = Stage.FETCH
AUDIO = "en_episode.mp3"


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
