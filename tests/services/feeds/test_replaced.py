"""A publisher replaces audio that was fetched already: real polls and fetches, on a simulated clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Episode
from core.domain.jobs.job import Stage, State
from core.errors import Conflict
from core.speech.client.client import SpeechClient
from core.store.db.database import Store
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import Rig
from tests.transactions.test_feed_entries import AUDIO, Subscriber

F, T, S, P = Stage
OTHER = "en_meeting.m4a"


@pytest.fixture
def subscriber(store: Store, tmp_path: Path, host: PodcastHost, speech: SpeechClient) -> Iterator[Subscriber]:
    rig = Rig(store, tmp_path, {"CASTMIND_MIN_FREE_GB": "0"})
    yield Subscriber(rig, host, speech)
    rig.fetcher.close()


@pytest.fixture
def episode(subscriber: Subscriber) -> int:
    number = subscriber.subscribe()
    subscriber.rig.run_all()
    assert subscriber.rig.states(number) == "dddd"
    subscriber.rig.ran.clear()
    return number


def row(subscriber: Subscriber, episode: int) -> Episode:
    return subscriber.rig.library.episode(OWNER, episode).episode


def another_name(host: PodcastHost) -> None:
    host.items[0] = replace(host.items[0], file=OTHER)


def another_version(host: PodcastHost) -> None:
    host.files[AUDIO] = host.files[OTHER]
    host.items[0] = replace(host.items[0], url=host.audio_url(AUDIO) + "?v=2")


def another_length(host: PodcastHost) -> None:
    host.files[AUDIO] = host.files[OTHER]


WAYS = (another_name, another_version, another_length)


@pytest.mark.parametrize("change", [WAYS[0], *(pytest.param(one, marks=pytest.mark.long) for one in WAYS[1:])])
def test_it_is_noted_and_fetched_and_transcribed_when_somebody_asks(
    change: Callable[[PodcastHost], None], subscriber: Subscriber, episode: int
) -> None:
    rig, before = subscriber.rig, row(subscriber, episode)
    segment = rig.library.transcript(OWNER, episode)
    assert segment
    rig.annotations.edit(OWNER, episode, 0, "A talk about dogs.")
    rig.run_all()
    change(subscriber.host)
    subscriber.poll()
    noted = row(subscriber, episode)
    assert noted.audio_replaced_at == rig.now
    assert (noted.sha256, noted.media_path, rig.states(episode)) == (before.sha256, before.media_path, "dddd")
    rig.ran.clear()
    rig.library.fetch_anew(OWNER, episode)
    assert rig.library.media(OWNER, episode).is_file() and rig.library.transcript(OWNER, episode)
    rig.step(F)
    after = row(subscriber, episode)
    assert after.sha256 != before.sha256
    assert (after.audio_replaced_at, after.fetch_anew_at) == (None, None)
    assert rig.library.transcript(OWNER, episode), "the old one is read until the new one is there"
    rig.run_all()
    assert rig.states(episode) == "dddd" and (episode, T) in rig.ran
    found = rig.library.transcript(OWNER, episode)
    assert found and found.segments[0].text == "A talk about dogs.", "what was edited is carried over"


def test_the_same_bytes_are_not_transcribed_again(subscriber: Subscriber, episode: int) -> None:
    host = subscriber.host
    host.files["copy.mp3"] = host.files[AUDIO]
    host.items[0] = replace(host.items[0], file="copy.mp3")
    subscriber.poll()
    assert row(subscriber, episode).audio_replaced_at
    subscriber.rig.library.fetch_anew(OWNER, episode)
    subscriber.rig.run_all()
    assert {stage for _, stage in subscriber.rig.ran} == {F}
    assert (row(subscriber, episode).audio_replaced_at, subscriber.rig.states(episode)) == (None, "dddd")


def same_length(host: PodcastHost) -> None:
    data = bytearray(host.files[AUDIO])
    data[-3000:-2000] = bytes(1000)
    host.files[AUDIO] = bytes(data)


@pytest.mark.parametrize("change", [same_length, another_length, None])
@pytest.mark.parametrize("polled", [True, False])
def test_audio_that_comes_back_is_compared_with_what_was_transcribed(
    change: Callable[[PodcastHost], None] | None, polled: bool, subscriber: Subscriber, episode: int
) -> None:
    rig, host = subscriber.rig, subscriber.host
    before = row(subscriber, episode)
    if change:
        change(host)
    asked = len(host.requests(f"/audio/{AUDIO}"))
    if polled:
        subscriber.poll()
    # For as long as it is here the publisher is not asked for it.
    assert len(host.requests(f"/audio/{AUDIO}")) == asked
    assert change is not same_length or row(subscriber, episode).audio_replaced_at is None
    rig.library.media(OWNER, episode).unlink()
    rig.retention.fetch_again(OWNER, episode)
    rig.run_all()
    came = row(subscriber, episode)
    assert {stage for _, stage in rig.ran} == {F} and len(host.requests(f"/audio/{AUDIO}")) == asked + 1
    assert (came.sha256 != before.sha256) is came.heard_other_audio is bool(change)
    assert (came.audio_replaced_at is not None) is bool(change)
    rig.ran.clear()
    if change:
        rig.library.fetch_anew(OWNER, episode)
        rig.run_all()
        after = row(subscriber, episode)
        assert (episode, T) in rig.ran and rig.states(episode) == "dddd"
        assert (after.audio_replaced_at, after.heard_other_audio, after.heard_sha256) == (None, False, came.sha256)


def test_what_cannot_be_fetched_leaves_all_as_it_was(subscriber: Subscriber, episode: int) -> None:
    rig, host = subscriber.rig, subscriber.host
    before = row(subscriber, episode)
    host.items[0] = replace(host.items[0], url=host.audio_url(OTHER, Mode.NOT_FOUND))
    subscriber.poll()
    rig.library.fetch_anew(OWNER, episode)
    rig.step(F)
    assert rig.state(episode, F) is State.WAITING
    here = row(subscriber, episode)
    assert (here.sha256, here.media_path) == (before.sha256, before.media_path)
    assert rig.library.media(OWNER, episode).is_file() and rig.library.transcript(OWNER, episode)
    rig.library.leave_audio(OWNER, episode)
    assert rig.states(episode) == "dddd"
    assert (row(subscriber, episode).audio_replaced_at, row(subscriber, episode).fetch_anew_at) == (None, None)


def test_a_retry_fetches_the_new_one_alone(subscriber: Subscriber, episode: int) -> None:
    rig, host = subscriber.rig, subscriber.host
    another_name(host)
    host.play(f"/audio/{OTHER}", Mode.PLAYLIST)
    subscriber.poll()
    rig.library.fetch_anew(OWNER, episode)
    rig.step(F)
    assert rig.states(episode) == "fddd"
    rig.library.retry(OWNER, episode)
    assert rig.states(episode) == "qddd"
    rig.run_all()
    assert rig.states(episode) == "dddd" and (episode, T) in rig.ran


def untouched(host: PodcastHost) -> None:
    host.items[0] = replace(host.items[0], title="Another title")


def signed(host: PodcastHost) -> None:
    host.items[0] = replace(host.items[0], url=host.audio_url(AUDIO) + "?Expires=1&Signature=x")


def tagged(host: PodcastHost) -> None:
    host.files[AUDIO] += b"\0" * 2000


def all_moved(host: PodcastHost) -> None:
    host.items[:] = [replace(item, url=f"{host.url}/new/{n}/{item.file}x.mp3") for n, item in enumerate(host.items)]


@pytest.mark.parametrize(
    "change", [untouched, all_moved, *(pytest.param(one, marks=pytest.mark.long) for one in (signed, tagged))]
)
def test_what_is_no_other_audio_is_not_noted(change: Callable[[PodcastHost], None], subscriber: Subscriber, episode: int) -> None:
    change(subscriber.host)
    subscriber.poll()
    assert row(subscriber, episode).audio_replaced_at is None


def test_of_an_episode_that_was_never_fetched_there_is_nothing_to_say(subscriber: Subscriber, episode: int) -> None:
    subscriber.host.items[1] = replace(subscriber.host.items[1], file="en_short.wav", url=subscriber.host.url + "/audio/x.mp3")
    subscriber.poll()
    noted = subscriber.rig.store.read().execute("SELECT count(*) FROM episodes WHERE audio_replaced_at IS NOT NULL").fetchone()
    assert noted[0] == 0


def test_without_an_address_nothing_is_fetched(subscriber: Subscriber) -> None:
    upload = subscriber.rig.add()
    with pytest.raises(Conflict):
        subscriber.rig.library.fetch_anew(OWNER, upload)
