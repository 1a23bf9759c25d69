"""The fetch step: audio that is here, of a publisher, of a web page."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.feeds.people import Person
from core.domain.jobs.job import State
from core.sources.media import web_page
from core.sources.media.download import part_name
from tests.fakes.podcast_host import PodcastHost
from tests.fakes.web_pages import WebPages, needs_extra
from tests.pipeline.steps.conftest import SAMPLES, F, take_in
from tests.runner_fixture import Rig


@pytest.mark.long
@needs_extra
def test_a_page_that_plays_a_recording_becomes_an_episode_of_it(real: Rig) -> None:
    with WebPages() as web:
        url = web.page("/cats", '<audio src="/talk.wav"></audio>')
        listed = real.ingest.import_address(OWNER, url)
        named = real.ingest.import_address(OWNER, web.root + "/talk", title="Mine")
        real.step(F, F)
    episode = real.library.episode(OWNER, listed.episode.id).episode
    assert (real.library.media(OWNER, episode.id)).read_bytes() == (SAMPLES / "en_short.wav").read_bytes()
    assert (listed.episode.title, episode.title.startswith("A talk"), episode.link) == ("cats", True, url)
    assert real.library.episode(OWNER, named.episode.id).episode.title == "Mine"
    assert [p.name for p in (real.data / "media").glob("*.part")] == []


def test_a_page_without_the_extra_fails_at_once_and_says_what_it_is(real: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_page, "installed", lambda: False)
    with WebPages() as web:
        episode = real.ingest.import_address(OWNER, web.root + "/talk").episode.id
        real.step(F)
    assert real.state(episode, F) is State.FAILED
    assert (real.job(episode, F).error or {})["code"] == "page_extra_missing"


def test_audio_that_has_gone_is_said_and_a_retry_goes_on_when_it_is_back(real: Rig) -> None:
    episode = take_in(real, "en_short.wav")
    media = real.library.media(OWNER, episode)
    aside = media.rename(real.data / "aside.wav")
    real.step(F)
    assert real.state(episode, F) is State.FAILED
    error = real.job(episode, F).error
    assert error
    assert error["code"] == "media_missing"
    aside.rename(media)
    real.library.retry(OWNER, episode)
    real.step(F)
    assert real.state(episode, F) is State.DONE


def test_audio_of_a_publisher_is_fetched_checked_and_named_by_its_content(real: Rig) -> None:
    with PodcastHost() as host:
        host.publish("talk.wav", "A talk", data=(SAMPLES / "en_short.wav").read_bytes())
        listed = real.ingest.import_address(OWNER, host.audio_url("talk.wav"))
        real.step(F)
    episode = real.library.episode(OWNER, listed.episode.id).episode
    assert real.state(episode.id, F) is State.DONE
    assert episode.sha256
    assert episode.media_path == f"media/{episode.sha256}.wav"
    assert episode.duration
    assert not list((real.data / "media").glob("*.part*"))


def test_an_address_takes_what_its_file_says_and_a_given_title_stays(real: Rig, tmp_path: Path) -> None:
    made = tmp_path / "a.mp3"
    tags = ["-metadata", "title=The harbour at night", "-metadata", "artist=Anna", "-metadata", "date=2021-05-04"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(SAMPLES / "en_short.wav"), *tags, str(made)], check=True)
    with PodcastHost() as host:
        host.publish("one.mp3", "A talk", data=made.read_bytes())
        host.publish("two.mp3", "A talk", data=made.read_bytes() + b"\0")
        alone = real.ingest.import_address(OWNER, host.audio_url("one.mp3")).episode.id
        named = real.ingest.import_address(OWNER, host.audio_url("two.mp3"), title="Mine").episode.id
        real.step(F, F)
    episode = real.library.episode(OWNER, alone).episode
    assert (episode.title, episode.people) == ("The harbour at night", (Person("Anna", "artist"),))
    assert episode.published_at == datetime(2021, 5, 4, 12, tzinfo=UTC).timestamp()
    assert real.library.episode(OWNER, named).episode.title == "Mine"


def test_too_little_room_waits_before_anything_is_fetched(real: Rig) -> None:
    listed = real.ingest.import_address(OWNER, "http://127.0.0.1:9/talk.mp3")
    real.store.write(lambda db: db.execute("UPDATE episodes SET enclosure_bytes = ?", [10**18]))
    real.step(F)
    job = real.job(listed.episode.id, F)
    assert job.state is State.WAITING
    assert job.error
    assert job.error["code"] == "disk_full"


def test_every_try_of_a_download_finds_the_same_part() -> None:
    assert part_name(7) == part_name(7) != part_name(8)
