"""The search index is written in the background, missing parts or all of it; a stop loses no work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.errors import DiskFull
from core.services.library.index_task import IndexTask
from core.services.library.search import AGAIN_SECONDS, Search
from core.store.db.database import Store
from core.store.library import episodes
from core.store.search import backfill


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def tasks(store: Store, now: list[float]) -> Iterator[Tasks]:
    made = Tasks(store, clock=lambda: now[0])
    made.register(IndexTask(store))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def search(store: Store, tasks: Tasks, now: list[float]) -> Search:
    return Search(store, tasks, clock=lambda: now[0])


def unindexed(store: Store, count: int) -> None:
    """Episodes that are not in the index yet, as a feed's first poll leaves them."""
    for number in range(count):
        store.write(partial(episodes.add, values={"title": f"Talk {number}", "source": "upload"}, now=1.0))
    store.write(lambda db: db.execute("DELETE FROM search_episodes"))


def test_what_is_missing_is_written_and_then_nothing_is_asked_for(store: Store, tasks: Tasks, search: Search) -> None:
    unindexed(store, 3)
    search.look()
    (task,) = tasks.listing("index")
    assert tasks.wait(task.id).state is State.DONE and search.progress(OWNER).whole
    search.look()
    assert len(tasks.listing("index")) == 1


def test_a_rebuild_is_one_task_however_often_it_is_asked_for(store: Store, tasks: Tasks, search: Search) -> None:
    unindexed(store, 3)
    tasks.stop()
    assert search.rebuild(OWNER).rebuilding and search.rebuild(OWNER).rebuilding
    (task,) = tasks.listing("index")
    tasks.start()
    assert tasks.wait(task.id).state is State.DONE
    assert search.progress(OWNER).whole and search.find(OWNER, "talk").total == 3


def hints(search: Search) -> list[tuple[str, str]]:
    return [(hint.code, hint.value) for hint in search.find(OWNER, "talk").hints]


def test_a_search_says_what_its_index_lacks_whether_a_task_runs_or_not(store: Store, tasks: Tasks, search: Search) -> None:
    unindexed(store, 4)
    assert hints(search) == [("filling", "0")]
    store.write(backfill.step)
    assert hints(search) == []
    store.write(partial(episodes.add, values={"title": "Talk", "source": "upload"}, now=1.0))
    store.write(lambda db: db.execute("DELETE FROM search_episodes WHERE episode_id = 1"))
    assert hints(search) == [("filling", "80")]
    store.write(backfill.begin_rebuild)
    assert hints(search) == []


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Has something happen before each step."""
    real = backfill.step

    def before(happens: Callable[[], None]) -> None:
        def stepped(db: object) -> bool:
            happens()
            return real(db)  # type: ignore[arg-type]

        monkeypatch.setattr(backfill, "step", stepped)

    return before


def test_a_stop_comes_between_steps_and_a_start_goes_on(
    store: Store, tasks: Tasks, search: Search, step: Callable[[Callable[[], None]], None]
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert go_on.wait(60)

    step(wait)
    unindexed(store, 3)
    search.look()
    assert begun.wait(60)
    stopping = threading.Thread(target=tasks.stop)
    stopping.start()
    tasks._stopping.wait()
    go_on.set()
    stopping.join()
    (task,) = tasks.listing("index")
    assert task.state is State.QUEUED
    tasks.start()
    assert tasks.wait(task.id).state is State.DONE and search.progress(OWNER).whole


def test_what_fails_rests_for_a_minute(
    store: Store, tasks: Tasks, search: Search, step: Callable[[Callable[[], None]], None], now: list[float]
) -> None:
    def fail() -> None:
        raise DiskFull()

    step(fail)
    unindexed(store, 3)
    for _ in range(2):
        search.look()
        (task,) = tasks.listing("index")
        assert tasks.wait(task.id).state is State.FAILED
    step(lambda: None)
    now[0] += AGAIN_SECONDS + 1
    search.look()
    assert [tasks.wait(task.id).state for task in tasks.listing("index")] == [State.FAILED, State.DONE]
