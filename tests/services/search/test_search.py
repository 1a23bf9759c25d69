"""Searches over the index, and the task that is asked for while it lacks something."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.errors import DiskFull
from core.services.search.search import AGAIN_SECONDS, Search
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.store.search import backfill
from core.store.text import transcripts
from tests.services.search.conftest import unindexed


def test_what_is_missing_is_written_and_then_nothing_is_asked_for(store: Store, index_tasks: Tasks, search: Search) -> None:
    unindexed(store, 3)
    search.look()
    (task,) = index_tasks.listing("index")
    assert index_tasks.wait(task.id).state is State.DONE and search.progress(OWNER).whole
    search.look()
    assert len(index_tasks.listing("index")) == 1


def test_a_rebuild_is_one_task_however_often_it_is_asked_for(store: Store, index_tasks: Tasks, search: Search) -> None:
    unindexed(store, 3)
    index_tasks.stop()
    assert search.rebuild(OWNER).rebuilding and search.rebuild(OWNER).rebuilding
    (task,) = index_tasks.listing("index")
    index_tasks.start()
    assert index_tasks.wait(task.id).state is State.DONE
    assert search.progress(OWNER).whole and search.find(OWNER, "talk").total == 3


def hints(search: Search) -> list[tuple[str, str]]:
    return [(hint.code, hint.value) for hint in search.find(OWNER, "talk").hints]


def test_a_search_says_what_its_index_lacks_whether_a_task_runs_or_not(store: Store, index_tasks: Tasks, search: Search) -> None:
    unindexed(store, 4)
    assert hints(search) == [("filling", "0")]
    store.write(backfill.step)
    assert hints(search) == []
    store.write(partial(episodes.add, values={"title": "Talk", "source": "upload"}, now=1.0))
    store.write(lambda db: db.execute("DELETE FROM search_episodes WHERE episode_id = 1"))
    assert hints(search) == [("filling", "80")]
    store.write(backfill.begin_rebuild)
    assert hints(search) == []


def test_what_fails_rests_for_a_minute(
    store: Store, index_tasks: Tasks, search: Search, step: Callable[[Callable[[], None]], None], now: list[float]
) -> None:
    def fail() -> None:
        raise DiskFull()

    step(fail)
    unindexed(store, 3)
    for _ in range(2):
        search.look()
        (task,) = index_tasks.listing("index")
        assert index_tasks.wait(task.id).state is State.FAILED
    step(lambda: None)
    now[0] += AGAIN_SECONDS + 1
    search.look()
    assert [index_tasks.wait(task.id).state for task in index_tasks.listing("index")] == [State.FAILED, State.DONE]


def test_names_that_a_transcript_knows_as_speakers_are_told_from_others(store: Store, search: Search) -> None:
    segments = (Segment(0, 0.0, 1.0, "Hello Ben", "Ada"),)

    def fill(db: Database) -> None:
        episode = episodes.add(db, {"title": "Talk", "source": "upload"}, now=1.0)
        transcripts.save(db, episode, Transcript("en", 1.0, segments, SpeechEngine("demo")), now=1.0)

    store.write(fill)
    assert search.speakers(OWNER, ["Ada", "Ben"]) == {"Ada"}
