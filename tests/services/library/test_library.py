from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.listed import Listed
from core.domain.jobs.job import Stage
from core.files import partial_files
from core.settings import PROJECT
from core.sources.uploads.multipart import Received
from tests.runner_fixture import TRANSCRIPT, Rig

SAMPLES = PROJECT / "demo" / "samples"
F, T, S, P = Stage


def received(rig: Rig, sample: Path = SAMPLES / "en_short.wav", filename: str = "my_talk.wav") -> Received:
    """An upload that has just arrived whole."""
    part = partial_files.new_part(rig.data / "uploads")
    shutil.copyfile(sample, part)
    return Received(part, partial_files.sha256_of(part), part.stat().st_size, filename)


def uploads(rig: Rig) -> list[str]:
    return sorted(p.name for p in (rig.data / "uploads").rglob("*") if p.is_file())


# --- taking in ----------------------------------------------------------------------------------------------


def test_an_upload_becomes_an_episode_with_its_stages_queued(rig: Rig) -> None:
    listed, new = rig.ingest.keep_upload(OWNER, received(rig), language="en", model="demo")
    episode = listed.episode
    assert new
    assert (episode.title, episode.source, episode.language, episode.model) == ("my talk", "upload", "en", "demo")
    assert episode.media_type == "audio/wav"
    assert episode.duration
    assert rig.library.media(OWNER, episode.id).read_bytes() == (SAMPLES / "en_short.wav").read_bytes()
    assert rig.states(episode.id) == "qqqq"
    assert uploads(rig) == [f"{episode.sha256}.wav"]


def test_the_same_bytes_again_give_the_episode_that_is_there(rig: Rig) -> None:
    first, _ = rig.ingest.keep_upload(OWNER, received(rig))
    again, new = rig.ingest.keep_upload(OWNER, received(rig, filename="other name.wav"), title="Another title")
    assert (again.episode, new) == (first.episode, False)
    assert len(uploads(rig)) == 1


def test_the_same_bytes_twice_at_once_make_one_episode(rig: Rig) -> None:
    both = [received(rig), received(rig)]
    meet = threading.Barrier(2)
    kept: list[tuple[Listed, bool]] = []

    def upload(what: Received) -> None:
        meet.wait()
        kept.append(rig.ingest.keep_upload(OWNER, what))

    threads = [threading.Thread(target=upload, args=(what,)) for what in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new for _, new in kept) == [False, True]
    assert len({listed.episode.id for listed, _ in kept}) == rig.library.count(OWNER) == 1
    assert len(uploads(rig)) == 1
    assert rig.library.media(OWNER, kept[0][0].episode.id).is_file()


def test_the_same_bytes_bring_audio_back_that_had_gone(rig: Rig) -> None:
    first, _ = rig.ingest.keep_upload(OWNER, received(rig))
    rig.library.media(OWNER, first.episode.id).unlink()
    again, new = rig.ingest.keep_upload(OWNER, received(rig))
    assert (again.episode.id, new) == (first.episode.id, False)
    assert rig.library.media(OWNER, first.episode.id).is_file()


def test_what_is_not_audio_is_refused_and_leaves_nothing(rig: Rig) -> None:
    with pytest.raises(errors.NotAudio):
        rig.ingest.keep_upload(OWNER, received(rig, SAMPLES / "en_short.txt"))
    assert (uploads(rig), rig.library.count(OWNER)) == ([], 0)


def test_a_file_of_the_inbox_is_moved_in_once(rig: Rig, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for _ in range(2):
        path = inbox / "Radio_hour.wav"
        shutil.copyfile(SAMPLES / "en_short.wav", path)
        listed = rig.ingest.take_file(path)
        assert not path.exists()
    assert (listed.episode.title, listed.episode.source, rig.library.count(OWNER)) == ("Radio hour", "inbox", 1)


def test_the_inbox_keeps_what_is_not_audio(rig: Rig, tmp_path: Path) -> None:
    path = tmp_path / "notes.mp3"
    path.write_text("not audio")
    with pytest.raises(errors.NotAudio):
        rig.ingest.take_file(path)
    assert path.exists()


def test_the_sample_is_added_once_with_the_bundled_model(rig: Rig) -> None:
    first, again = rig.ingest.add_sample(OWNER), rig.ingest.add_sample(OWNER)
    assert first.episode == again.episode
    assert (first.episode.source, first.episode.model) == ("sample", "demo")
    assert len(uploads(rig)) == 1


def test_an_address_is_taken_with_the_name_of_its_file(rig: Rig) -> None:
    listed = rig.ingest.import_address(OWNER, "https://pod.example/audio/My_show.mp3?token=1")
    assert (listed.episode.title, rig.states(listed.episode.id)) == ("My show", "qqqq")
    with pytest.raises(errors.BadAddress):
        rig.ingest.import_address(OWNER, "file:///etc/passwd")
    assert rig.library.count(OWNER) == 1


# --- acting -------------------------------------------------------------------------------------------------


def test_changed_texts_are_published_again_but_nothing_else_is_done_again(rig: Rig) -> None:
    episode = rig.add()
    rig.run_all()
    rig.ran.clear()
    rig.library.update(OWNER, episode, title="A better title")
    rig.library.set_own_notes(OWNER, episode, "# Mine")
    rig.run_all()
    assert [stage for _, stage in rig.ran] == [P]
    assert (rig.library.episode(OWNER, episode).episode.title, rig.library.own_notes(OWNER, episode)) == (
        "A better title",
        "# Mine",
    )


@pytest.mark.parametrize("fields", [{"title": "  "}, {"title": None}, {"sha256": "x"}])
def test_what_cannot_be_changed_is_refused(rig: Rig, fields: dict[str, Any]) -> None:
    with pytest.raises(errors.UserError):
        rig.library.update(OWNER, rig.add(), **fields)


def test_an_episode_of_a_feed_is_transcribed_when_asked_for(rig: Rig) -> None:
    episode = rig.add()
    rig.store.write(lambda db: db.execute("DELETE FROM jobs"))
    rig.library.update(OWNER, episode, title="Changed before it was asked for")
    assert rig.states(episode) == ""
    rig.library.transcribe(OWNER, episode)
    rig.run_all()
    assert rig.states(episode) == "dddd"


def test_another_language_does_it_again_and_the_same_wish_while_it_is_open_does_not(rig: Rig) -> None:
    episode = rig.add()
    rig.library.transcribe(OWNER, episode)
    token = rig.job(episode, T).token
    rig.library.transcribe(OWNER, episode, language="zh")
    assert rig.job(episode, T).token > token
    rig.run_all()
    rig.ran.clear()
    rig.library.transcribe(OWNER, episode, language="zh")
    rig.run_all()
    assert [stage for _, stage in rig.ran] == [T, S, P]


def test_there_must_be_something_to_cancel(rig: Rig) -> None:
    episode = rig.add()
    rig.run_all()
    with pytest.raises(errors.Conflict):
        rig.library.cancel(OWNER, episode)
    with pytest.raises(errors.NotFound):
        rig.library.cancel(OWNER, 99)


def test_one_job_is_cancelled_and_retried_by_its_id(rig: Rig) -> None:
    episode = rig.add()
    rig.step(F, T)
    job = rig.job(episode, S)
    rig.queue.cancel(OWNER, job.id)
    rig.run_all()
    assert rig.states(episode) == "ddcd"
    rig.queue.retry(OWNER, job.id)
    rig.run_all()
    assert rig.states(episode) == "dddd"


# --- reading ------------------------------------------------------------------------------------------------


def test_the_queue_has_titles_and_counts(rig: Rig) -> None:
    rig.add(title="One")
    rows = rig.queue.jobs(OWNER)
    assert [(row.title, row.job.stage) for row in rows] == [("One", stage) for stage in Stage]
    assert rig.queue.job(OWNER, rows[0].job.id) == rows[0].job
    assert {s.value: n for s, n in rig.queue.counts(OWNER).items()} == {"queued": 4}


def test_the_transcript_and_its_version(rig: Rig) -> None:
    episode = rig.add()
    rig.run_all()
    assert rig.library.transcript(OWNER, episode) == TRANSCRIPT
    assert rig.library.transcript_version(OWNER, episode)


def test_audio_that_is_not_here_is_said(rig: Rig) -> None:
    episode = rig.add()
    with pytest.raises(errors.MediaMissing):
        rig.library.media(OWNER, episode)
    with pytest.raises(errors.NotFound):
        rig.library.media(OWNER, 99)


@pytest.mark.parametrize("name", ["../secret", "uploads/link.wav", "uploads/../../secret", "castmind.db", "{data}/../secret"])
def test_a_row_reads_and_deletes_nothing_outside_the_folders_of_audio(rig: Rig, tmp_path: Path, name: str) -> None:
    rig.data.joinpath("uploads", "link.wav").symlink_to(tmp_path / "castmind.db")
    before = (tmp_path / "castmind.db").stat().st_ino
    episode = rig.add(media_path=name.format(data=rig.data))
    with pytest.raises(errors.MediaMissing):
        rig.library.media(OWNER, episode)
    rig.trash.delete(OWNER, [episode])
    rig.trash.purge(OWNER, [episode])
    assert rig.library.count(OWNER) == 0
    assert (tmp_path / "castmind.db").stat().st_ino == before
    assert rig.data.joinpath("uploads", "link.wav").is_symlink()
