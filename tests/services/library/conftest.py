"""The tasks of exports and of the search index, and what they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from core.background.tasks import Tasks
from core.services.library.export_archives import ExportArchives
from core.services.library.export_task import FOLDER, ExportTask
from core.services.library.index_task import IndexTask
from core.services.library.search import Search
from core.store.db.database import Store
from core.store.library import episodes
from core.store.search import backfill
from tests.runner_fixture import Rig

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def export_tasks(rig: Rig) -> Iterator[Tasks]:
    made = Tasks(rig.store)
    made.register(ExportTask(rig.exports, rig.data))
    made.start()
    yield made
    assert made.stop()


@pytest.fixture
def bundles(rig: Rig, export_tasks: Tasks) -> ExportArchives:
    return ExportArchives(rig.exports, export_tasks, rig.data)


def left(rig: Rig) -> list[str]:
    return sorted(path.name for path in (rig.data / FOLDER).glob("*"))


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
        def stepped(db: object) -> bool:
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
