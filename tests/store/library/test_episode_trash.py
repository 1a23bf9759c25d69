"""Episodes into the trash and out of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.domain.jobs.job import PRIORITY_USER
from core.store.db.database import Store
from core.store.jobs import jobs
from core.store.library import episode_trash, episodes


def states(store: Store, episode_id: int) -> list[str]:
    return [job.state.value for job in jobs.of_episode(store.read(), episode_id)]


def test_only_what_changes_is_named_and_open_jobs_rest_meanwhile(store: Store, add_episode: Callable[..., int]) -> None:
    one, two = add_episode("one"), add_episode("two")
    store.write(partial(jobs.enqueue, episode_id=one, priority=PRIORITY_USER, now=0.0))
    assert store.write(lambda db: episode_trash.put_in_trash(db, [one, 99], now=5.0)) == [one]
    assert store.write(lambda db: episode_trash.put_in_trash(db, [one, two], now=6.0)) == [two]
    assert episodes.get(store.read(), one).deleted_at == 5.0
    assert set(states(store, one)) == {"cancelled"}
    assert store.write(lambda db: episode_trash.take_from_trash(db, [one, 99], now=7.0)) == [one]
    assert (episodes.get(store.read(), one).deleted_at, set(states(store, one))) == (None, {"queued"})
    assert store.write(lambda db: episode_trash.take_from_trash(db, [one], now=8.0)) == []


def test_audio_that_a_rule_deleted_is_fetched_again_when_its_episode_comes_back(
    store: Store, add_episode: Callable[..., int]
) -> None:
    dropped = {"audio_dropped_at": 1.0, "audio_dropped_why": "heard"}
    gone = add_episode(enclosure_url="https://a.example/1.mp3", **dropped)
    own = add_episode("an upload", **dropped)
    for number in (gone, own):
        store.write(partial(jobs.enqueue, episode_id=number, priority=PRIORITY_USER, now=0.0))
        store.write(lambda db: db.execute("UPDATE jobs SET state = 'done'"))
    store.write(lambda db: episode_trash.put_in_trash(db, [gone, own], now=5.0))
    store.write(lambda db: episode_trash.take_from_trash(db, [gone, own], now=6.0))
    # Publish is done again for both: their files went with them.
    assert states(store, gone) == ["queued", "done", "done", "queued"]
    assert states(store, own) == ["done", "done", "done", "queued"]


def test_the_trash_lists_the_first_deleted_first_up_to_a_time(store: Store, add_episode: Callable[..., int]) -> None:
    late = add_episode("late", deleted_at=9.0, media_path="media/a.mp3")
    early = add_episode("early", deleted_at=1.0)
    add_episode("kept")

    def found(**options: float) -> list[int]:
        return [episode.id for episode in episode_trash.in_trash(store.read(), **options)]  # type: ignore[arg-type]

    assert found() == [early, late]
    assert found(before=9.0) == [early]
    assert found(limit=1) == [early]
    assert found(with_audio=True) == [late]
