from __future__ import annotations

import pytest

from core.domain.trends import TrendPoint
from core.store.db.database import Store
from core.store.jobs import trends
from tests.engine_fixtures import store

__all__ = ["store"]

# The beginning of a day.
BEGAN = 20_000 * trends.DAY


def add(store: Store, *samples: tuple[str, float, float], now: float) -> None:
    store.write(lambda db: trends.add(db, samples, now=now))


def test_minutes_become_hours_and_days_by_their_means(store: Store) -> None:
    for minute in range(120):
        at = BEGAN + 60.0 * minute
        add(store, ("queue", at, 1.0 if minute < 60 else 3.0), now=at)
    db = store.read()
    assert len(trends.of(db, "queue", trends.MINUTE)) == 120
    assert trends.of(db, "queue", trends.HOUR) == [TrendPoint(BEGAN, 1.0), TrendPoint(BEGAN + 3600, 3.0)]
    assert trends.of(db, "queue", trends.DAY) == [TrendPoint(BEGAN, 2.0)]
    assert trends.of(db, "disk", trends.DAY) == []


@pytest.mark.parametrize(("step", "most"), [(trends.MINUTE, 1441), (trends.HOUR, 745), (trends.DAY, 732)])
def test_the_rows_are_bounded(store: Store, step: int, most: int) -> None:
    """Three years in samples of six hours, and a last day of minutes."""
    now = float(BEGAN)

    def fill(db: object) -> None:
        nonlocal now
        for _ in range(4 * 1100):
            now += 6 * 3600
            trends.add(db, [("queue", now, 1.0)], now=now)  # type: ignore[arg-type]
        for _ in range(1600):
            now += 60
            trends.add(db, [("queue", now, 1.0)], now=now)  # type: ignore[arg-type]

    store.write(fill)
    count = len(trends.of(store.read(), "queue", step))
    assert 0 < count <= most


def test_a_clock_that_is_set_back_leaves_no_future(store: Store) -> None:
    add(store, ("queue", BEGAN + 10 * trends.DAY, 9.0), now=BEGAN + 10 * trends.DAY)
    add(store, ("queue", BEGAN, 1.0), now=float(BEGAN))
    assert trends.of(store.read(), "queue", trends.MINUTE) == [TrendPoint(BEGAN, 1.0)]
    assert trends.of(store.read(), "queue", trends.DAY) == [TrendPoint(BEGAN, 1.0)]
