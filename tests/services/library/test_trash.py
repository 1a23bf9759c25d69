from __future__ import annotations

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import Stage
from core.export import export_files
from core.services.library.trash import KEPT_SECONDS
from tests.runner_fixture import Rig
from tests.services.library.test_library import received, uploads

F, T, S, P = Stage
TRASH = Filter(deleted=True)


def upload(rig: Rig) -> int:
    return rig.ingest.keep_upload(OWNER, received(rig))[0].episode.id


def listed(rig: Rig, wanted: Filter | None = None) -> list[int]:
    return [row.episode.id for row in rig.library.listing(OWNER, wanted).items]


def test_a_deleted_episode_leaves_the_lists_and_comes_back_with_its_work(rig: Rig) -> None:
    one, other = rig.add(), rig.add()
    rig.step(F, T)
    assert rig.trash.delete(OWNER, [one, 99]) == 1
    assert (listed(rig), listed(rig, TRASH), rig.library.count(OWNER)) == ([other], [one], 1)
    assert {row.job.episode_id for row in rig.queue.jobs(OWNER)} == {other}
    rig.run_all()
    assert rig.states(one) == "ddcc"
    assert rig.trash.restore(OWNER, [one]) == 1
    rig.run_all()
    assert (rig.states(one), sorted(listed(rig)), listed(rig, TRASH)) == ("dddd", [one, other], [])


def test_what_the_user_had_cancelled_stays_cancelled_when_it_comes_back(rig: Rig) -> None:
    episode = rig.add()
    rig.step(F)
    rig.queue.cancel(OWNER, rig.job(episode, S).id)
    rig.trash.delete(OWNER, [episode])
    rig.trash.restore(OWNER, [episode])
    assert rig.states(episode) == "dqcq"


def test_its_files_go_with_it_and_are_written_again(rig: Rig) -> None:
    episode = upload(rig)
    rig.run_all()
    export_files.write(rig.data / "exports", export_files.file_name(episode, "a talk"), {"md": "# x"})
    rig.trash.delete(OWNER, [episode])
    assert list((rig.data / "exports").iterdir()) == []
    assert len(uploads(rig)) == 1
    rig.trash.restore(OWNER, [episode])
    assert rig.states(episode) == "dddq"


def test_an_episode_in_the_trash_is_left_alone(rig: Rig) -> None:
    episode = rig.add()
    rig.trash.delete(OWNER, [episode])
    for act in (rig.library.transcribe, rig.library.retry, rig.library.cancel):
        with pytest.raises(errors.Conflict, match="trash"):
            act(OWNER, episode)
    with pytest.raises(errors.Conflict, match="trash"):
        rig.library.update(OWNER, episode, title="New")


def test_the_same_bytes_again_bring_it_back(rig: Rig) -> None:
    episode = upload(rig)
    rig.trash.delete(OWNER, [episode])
    again, new = rig.ingest.keep_upload(OWNER, received(rig))
    assert (again.episode.id, again.episode.deleted_at, new) == (episode, None, False)
    assert rig.states(episode) == "qqqq"


def test_after_a_week_it_goes_for_good(rig: Rig) -> None:
    episode = upload(rig)
    (rig.data / "media" / f"episode-{episode}.part").write_bytes(b"half")
    rig.trash.delete(OWNER, [episode])
    rig.now += KEPT_SECONDS - 1
    rig.trash.step()
    assert listed(rig, TRASH) == [episode]
    rig.now += 2
    rig.trash.step()
    assert [p for name in ("uploads", "media", "exports") for p in (rig.data / name).rglob("*") if p.is_file()] == []
    with pytest.raises(errors.NotFound):
        rig.library.episode(OWNER, episode)


def test_audio_that_another_episode_uses_stays(rig: Rig) -> None:
    episode = upload(rig)
    other = rig.add(media_path=rig.library.episode(OWNER, episode).episode.media_path)
    assert rig.trash.purge(OWNER, [episode]) == 1
    assert rig.library.media(OWNER, other).is_file()


def test_a_short_disk_takes_the_audio_of_what_was_deleted_first_and_says_so(rig: Rig) -> None:
    first = upload(rig)
    (rig.data / "media" / "b.mp3").write_bytes(b"b")
    second = rig.add(media_path="media/b.mp3")
    rig.trash.delete(OWNER, [first])
    rig.now += 1
    rig.trash.delete(OWNER, [second])
    rig.free_bytes = 0
    looks = iter([0, 1 << 50])
    rig.trash._free_bytes = lambda _: next(looks)
    rig.trash.step()
    assert uploads(rig) == []
    assert rig.library.media(OWNER, second).is_file()
    row = rig.library.episode(OWNER, first).episode
    assert (row.media_path, row.audio_dropped_at) == (None, rig.now)
    rig.trash.restore(OWNER, [first])
    again, _ = rig.ingest.keep_upload(OWNER, received(rig))
    assert (again.episode.id, again.episode.audio_dropped_at) == (first, None)
    assert rig.library.media(OWNER, first).is_file()


def test_the_audio_of_what_is_in_the_library_is_never_given_up(rig: Rig) -> None:
    kept = upload(rig)
    twin = rig.add(media_path=rig.library.episode(OWNER, kept).episode.media_path)
    rig.trash.delete(OWNER, [twin])
    rig.free_bytes = 0
    rig.trash.step()
    assert rig.library.media(OWNER, kept).is_file()
    assert rig.library.episode(OWNER, twin).episode.audio_dropped_at is None


def test_audio_of_a_feed_that_went_is_fetched_again_and_nothing_else_is_done_again(rig: Rig) -> None:
    (rig.data / "uploads" / "a.wav").write_bytes(b"a")
    episode = rig.add(enclosure_url="https://example.org/a.mp3")
    rig.run_all()
    rig.trash.delete(OWNER, [episode])
    rig.free_bytes = 0
    rig.trash.step()
    rig.ran.clear()
    rig.trash.restore(OWNER, [episode])
    rig.run_all()
    assert [stage for _, stage in rig.ran] == [F, P]
