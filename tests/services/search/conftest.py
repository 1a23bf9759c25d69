"""The search over an index that a task writes, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from core.background.tasks import Tasks
from core.services.search.index_task import IndexTask
from core.services.search.search import Search
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.store.search import backfill


def unindexed(store: Store, count: int) -> None:
    """Episodes that are not in the index yet, as a feed's first poll leaves them."""
    for number in range(count):
        store.write(partial(episodes.add, values={"title": f"Talk {number}", "source": "upload"}, now=1.0))
    store.write(lambda db: db.execute("DELETE FROM search_episodes"))


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Has something happen before each step."""
    real = backfill.step

    def before(happens: Callable[[], None]) -> None:
        def stepped(db: Database) -> bool:
            happens()
            return real(db)  # type: ignore[arg-type]

        monkeypatch.setattr(backfill, "step", stepped)

    return before


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def index_tasks(store: Store, now: list[float]) -> Iterator[Tasks]:
    made = Tasks(store, clock=lambda: now[0])
    made.register(IndexTask(store))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def search(store: Store, index_tasks: Tasks, now: list[float]) -> Search:
    return Search(store, index_tasks, clock=lambda: now[0])
