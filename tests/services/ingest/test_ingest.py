"""Own files as they come in: by folders that are feeds, again, and in pieces."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.listed import Listed
from core.domain.episodes.upload import Upload
from core.domain.feeds.people import Person
from core.domain.jobs.job import State
from core.errors import NotFound
from core.services.feeds.subscriptions import Subscriptions
from core.sources.uploads.multipart import Received
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.jobs import jobs
from core.store.library import episode_trash, episodes
from tests.runner_fixture import Rig
from tests.sources.samples import SAMPLES

WAV = (SAMPLES / "en_short.wav").read_bytes()


def variant(number: int) -> bytes:
    """The same talk with other bytes."""
    changed = bytearray(WAV)
    changed[100:104] = number.to_bytes(4, "little")
    return bytes(changed)


def drop(rig: Rig, *names: str, data: bytes = WAV) -> Listed:
    """A file that lies in the inbox by these names is taken in."""
    path = rig.data.joinpath("inbox", *names)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    listed = rig.ingest.take_file(path, names[:-1])
    assert not path.exists()
    return listed


def tagged(folder: Path, **tags: str) -> bytes:
    """The talk with tags, as a program writes them."""
    made = folder / "tagged.mp3"
    options = [option for name, value in tags.items() for option in ("-metadata", f"{name}={value}")]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(SAMPLES / "en_short.wav"), *options, str(made)], check=True)
    return made.read_bytes()


def test_what_the_file_says_goes_before_its_name(rig: Rig, tmp_path: Path) -> None:
    data = tagged(tmp_path, title="The harbour at night", artist="Anna", album="Harbour <talks>", date="2021-05-04")
    episode = drop(rig, "My Show", "03_final_mix.mp3", data=data).episode
    assert episode.title == "The harbour at night"
    assert episode.people == (Person("Anna", "artist"),)
    assert episode.description == "<p>Harbour &lt;talks&gt;</p>"
    assert episode.published_at == datetime(2021, 5, 4, 12, tzinfo=UTC).timestamp()


def test_the_number_of_a_track_does_not_go_before_the_files_name(rig: Rig, tmp_path: Path) -> None:
    assert drop(rig, "A_talk.mp3", data=tagged(tmp_path, title="Track 03")).episode.title == "A talk"
    assert drop(rig, "B_talk.mp3", data=tagged(tmp_path, title="", comment="x")).episode.title == "B talk"


def titles(rig: Rig) -> dict[str, str]:
    return {feed.url: feed.title for feed in feeds.listing(rig.store.read())}


def test_folders_of_the_inbox_are_feeds(rig: Rig) -> None:
    first = drop(rig, "My Show", "one.wav", data=variant(1))
    second = drop(rig, "My Show", "two.wav", data=variant(2))
    below = drop(rig, "My Show", "Season 1", "three.wav", data=variant(3))
    alone = drop(rig, "four.wav", data=variant(4))
    assert titles(rig) == {"inbox:My%20Show": "My Show", "inbox:My%20Show/Season%201": "My Show / Season 1"}
    assert first.episode.feed_id == second.episode.feed_id != below.episode.feed_id
    assert (below.feed_title, alone.episode.feed_id) == ("My Show / Season 1", None)
    assert {listed.episode.source.value for listed in (first, second, below, alone)} == {"inbox"}


def test_nobody_polls_a_folder(rig: Rig) -> None:
    episode = drop(rig, "My Show", "one.wav").episode
    assert episode.feed_id is not None
    assert feeds.due(rig.store.read(), now=4e9) == []
    subscriptions = Subscriptions(rig.store, rig.settings, rig.fetcher)
    subscriptions.poll(episode.feed_id)
    assert feeds.get(rig.store.read(), episode.feed_id).error is None


def test_the_same_bytes_in_two_folders_are_one_episode_in_the_last(rig: Rig) -> None:
    first = drop(rig, "A", "one.wav")
    again = drop(rig, "B", "other name.wav")
    assert again.episode.id == first.episode.id
    assert (again.feed_title, again.episode.title) == ("B", "one")
    assert drop(rig, "one.wav").feed_title == "B"
    assert episodes.count(rig.store.read()) == 1


def test_what_a_publisher_brought_stays_in_its_feed(rig: Rig) -> None:
    known = drop(rig, "one.wav").episode

    def subscribe(db: Database) -> int:
        feed_id = feeds.add(db, {"url": "https://example.org/feed", "title": "Theirs"}, now=1.0)
        episodes.change(db, known.id, {"feed_id": feed_id}, now=1.0)
        return feed_id

    feed_id = rig.store.write(subscribe)
    assert drop(rig, "Mine", "one.wav").episode.feed_id == feed_id
    assert "inbox:Mine" not in titles(rig)


def test_a_file_out_of_the_trash_comes_back_into_its_new_folder(rig: Rig) -> None:
    known = drop(rig, "A", "one.wav").episode
    rig.store.write(lambda db: episode_trash.put_in_trash(db, [known.id], now=5.0))
    again = drop(rig, "B", "one.wav")
    assert (again.episode.id, again.episode.deleted_at, again.feed_title) == (known.id, None, "B")


def test_a_folder_that_is_not_to_be_transcribed_is_not(rig: Rig) -> None:
    feed_id = drop(rig, "A", "one.wav", data=variant(1)).episode.feed_id
    assert feed_id is not None
    rig.store.write(lambda db: feeds.change(db, feed_id, {"auto_transcribe": False}))
    later = drop(rig, "A", "two.wav", data=variant(2)).episode
    assert jobs.of_episode(rig.store.read(), later.id) == []


def test_a_renamed_feed_still_takes_its_folders_files(rig: Rig) -> None:
    feed_id = drop(rig, "A", "one.wav", data=variant(1)).episode.feed_id
    assert feed_id is not None
    rig.store.write(lambda db: feeds.change(db, feed_id, {"title": "Evenings"}))
    assert drop(rig, "A", "two.wav", data=variant(2)).feed_title == "Evenings"


def test_an_uploaded_folder_is_the_feed_that_it_is_in_the_inbox(rig: Rig) -> None:
    drop(rig, "My Show", "Season 1", "one.wav", data=variant(1))
    row = rig.ingest.finish_upload(OWNER, arrived(rig, variant(2), {"filename": "two.wav", "folder": "My Show/Season 1"}))
    assert row.outcome
    assert episodes.listed(rig.store.read(), row.outcome.episode_id, user_id=None).feed_title == "My Show / Season 1"
    part = rig.data / "uploads" / "sent.part"
    part.write_bytes(variant(3))
    # The form's other fields do not choose a folder.
    listed, _ = rig.ingest.keep_upload(OWNER, Received(part, "0" * 64, len(WAV), "three.wav", {"folder": "../../x"}))
    assert listed.episode.feed_id is None


# --- in pieces ------------------------------------------------------------------------------------


def arrived(rig: Rig, data: bytes, words: dict[str, str] | None = None) -> Upload:
    """A whole upload that nobody has taken in yet."""
    upload = rig.ingest.resumable.create(len(data), {"filename": "a talk.wav"} if words is None else words)

    async def stream() -> AsyncIterator[bytes]:
        yield data

    return asyncio.run(rig.ingest.resumable.append(upload.id, 0, stream()))


def test_a_whole_upload_is_taken_in_also_when_its_sender_does_not_come_back(rig: Rig) -> None:
    upload = arrived(rig, WAV)
    rig.ingest.resumable.create(1000, {"filename": "half.wav"})
    rig.ingest.step()
    outcome = rig.ingest.resumable.get(upload.id).outcome
    assert outcome
    assert outcome.created
    assert episodes.get(rig.store.read(), outcome.episode_id).title == "a talk"
    assert {job.state for job in jobs.of_episode(rig.store.read(), outcome.episode_id)} == {State.QUEUED}
    assert [waiting.filename for waiting in rig.ingest.resumable.listing()] == ["half.wav"]
    rig.ingest.step()
    assert episodes.count(rig.store.read()) == 1


def test_a_whole_upload_that_is_no_audio_goes_and_holds_up_nobody(rig: Rig) -> None:
    broken, sound = arrived(rig, b"ID3\x04" + bytes(5000)), arrived(rig, WAV)
    rig.ingest.step()
    with pytest.raises(NotFound):
        rig.ingest.resumable.get(broken.id)
    assert rig.ingest.resumable.get(sound.id).outcome


def test_an_upload_in_somebodys_turn_is_left_alone(rig: Rig) -> None:
    upload = arrived(rig, WAV)
    with rig.ingest.resumable.turns.free(upload.id):
        rig.ingest.step()
    assert rig.ingest.resumable.get(upload.id).outcome is None
