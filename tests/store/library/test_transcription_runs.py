"""Records of transcription costs: they survive a replaced transcript and a deleted episode."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.domain.episodes.statistics import Period
from core.domain.transcripts.transcript import SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.library import episode_trash, transcription_runs

HOUR = Transcript("en", 3600.0, (), SpeechEngine("small", "cuda", "float16", 8), wall_seconds=180.0)


def add(store: Store, episode_id: int, now: float, transcript: Transcript = HOUR) -> None:
    store.write(partial(transcription_runs.add, episode_id=episode_id, transcript=transcript, now=now))


def test_an_episode_that_is_transcribed_twice_counts_twice(store: Store, episode_id: int) -> None:
    add(store, episode_id, 1.0)
    add(store, episode_id, 2.0)
    first, second = transcription_runs.newest(store.read(), limit=5)
    assert (first.finished_at, second.finished_at) == (2.0, 1.0)
    assert (first.factor, first.model, first.device, first.compute_type) == (0.05, "small", "cuda", "float16")
    assert (first.episode_id, first.title) == (episode_id, "A talk")
    assert transcription_runs.seconds(store.read()) == 7200.0
    assert len(transcription_runs.newest(store.read(), limit=1)) == 1


def test_the_newest_run_of_an_episode(store: Store, add_episode: Callable[..., int]) -> None:
    one, other = add_episode("One"), add_episode("Other")
    add(store, one, 2.0)
    add(store, one, 1.0)
    add(store, other, 3.0)
    found = transcription_runs.of_episode(store.read(), one)
    assert found is not None and (found.finished_at, found.factor, found.episode_id) == (2.0, 0.05, one)
    assert transcription_runs.of_episode(store.read(), one + other) is None


def test_an_episode_in_the_trash_or_gone_leaves_its_work_without_its_name(store: Store, add_episode: Callable[..., int]) -> None:
    binned, gone = add_episode("Binned"), add_episode("Gone")
    add(store, binned, 1.0)
    add(store, gone, 2.0)
    store.write(lambda db: episode_trash.put_in_trash(db, [binned], now=5.0))
    store.write(lambda db: db.execute("DELETE FROM episodes WHERE id = ?", [gone]))
    assert [(run.episode_id, run.title) for run in transcription_runs.newest(store.read(), limit=5)] == [(None, None)] * 2
    assert transcription_runs.seconds(store.read()) == 7200.0


def test_seconds_by_period_begin_with_their_start_and_end_before_their_end(store: Store, episode_id: int) -> None:
    for moment in (0.0, 9.9, 10.0, 25.0):
        add(store, episode_id, moment)
    periods = [Period(0.0, 10.0), Period(10.0, 20.0), Period(20.0, 25.0)]
    assert transcription_runs.seconds_in(store.read(), periods) == [7200.0, 3600.0, 0.0]


def test_figures_are_read_from_an_index_alone(store: Store) -> None:
    for query in (
        "SELECT sum(duration) FROM transcriptions WHERE finished_at >= 1 AND finished_at < 2",
        "SELECT sum(duration) FROM transcriptions",
    ):
        (plan,) = (row["detail"] for row in store.read().execute(f"EXPLAIN QUERY PLAN {query}"))
        assert "COVERING INDEX transcriptions_finished" in plan
