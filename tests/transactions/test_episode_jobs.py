"""Work that is ordered for one episode."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.jobs.job import PRIORITY_USER, Stage
from core.errors import Conflict, NotFound
from core.store.db.database import Store
from core.store.jobs import jobs
from core.store.library import episode_trash, episodes
from core.transactions import episode_jobs


@pytest.fixture
def number(store: Store) -> int:
    return store.write(partial(episodes.add, values={"title": "A talk", "source": "upload"}, now=1.0))


def states(store: Store, number: int) -> str:
    return "".join(job.state.value[0] for job in jobs.of_episode(store.read(), number))


def set_state(store: Store, state: str, stage: str = "%") -> None:
    store.write(lambda db: db.execute("UPDATE jobs SET state = ? WHERE stage LIKE ?", [state, stage]))


def test_all_stages_are_ordered_by_hand(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    assert states(store, number) == "qqqq"
    assert {job.priority for job in jobs.of_episode(store.read(), number)} == {PRIORITY_USER}


def test_another_language_has_finished_stages_done_again(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    set_state(store, "done")
    store.write(lambda db: episode_jobs.transcribe(db, number, now=2.0, wishes={"language": "zh", "model": None}))
    assert states(store, number) == "dqqq"
    assert episodes.get(store.read(), number).language == "zh"


def test_a_running_transcription_is_not_begun_again_without_another_wish(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0, wishes={"language": "zh"}))
    set_state(store, "running", "transcribe")
    store.write(lambda db: episode_jobs.transcribe(db, number, now=2.0, wishes={"language": "zh"}))
    assert states(store, number) == "qrqq"


def test_a_retry_takes_the_first_that_needs_it_and_what_follows(store: Store, number: int) -> None:
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.retry(db, number))
    store.write(lambda db: episode_jobs.transcribe_if_new(db, number, now=1.0))
    set_state(store, "done")
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.retry(db, number))
    set_state(store, "failed", "summarise")
    store.write(lambda db: episode_jobs.transcribe_if_new(db, number, now=2.0))
    assert states(store, number) == "ddqq"
    set_state(store, "done")
    store.write(lambda db: episode_jobs.retry(db, number, Stage.TRANSCRIBE))
    assert states(store, number) == "dqqq"


def test_audio_that_was_dropped_is_fetched_without_a_new_text(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    set_state(store, "done")
    set_state(store, "failed", "fetch")
    store.write(lambda db: episodes.change(db, number, {"audio_dropped_at": 1.0}, now=1.0))
    store.write(lambda db: episode_jobs.retry(db, number, Stage.FETCH))
    assert states(store, number) == "qddd"


def test_a_cancel_stops_what_is_open_or_the_named_stage(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    store.write(lambda db: episode_jobs.cancel(db, number, Stage.SUMMARISE, now=2.0))
    assert states(store, number) == "qqcq"
    store.write(lambda db: episode_jobs.cancel(db, number, now=3.0))
    assert states(store, number) == "cccc"
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.cancel(db, number, now=4.0))


def test_new_notes_may_go_back_to_the_settings(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    set_state(store, "done")
    store.write(lambda db: episode_jobs.summarise(db, number, now=2.0, model="m", language="zh"))
    assert states(store, number) == "ddqq"
    store.write(lambda db: episode_jobs.summarise(db, number, now=3.0, model=""))
    found = episodes.get(store.read(), number)
    assert (found.notes_model, found.notes_language) == (None, "zh")


def test_what_is_in_the_trash_or_not_there_gets_no_work(store: Store, number: int) -> None:
    store.write(lambda db: episode_trash.put_in_trash(db, [number], now=1.0))
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.transcribe(db, number, now=2.0))
    with pytest.raises(NotFound):
        store.write(lambda db: episode_jobs.transcribe(db, 99, now=2.0))
