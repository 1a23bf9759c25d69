from __future__ import annotations

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.trends import DAY, Unlike
from core.services.library.trends import HELD, Trends
from core.store.db.database import Store
from core.store.jobs import trends as rows
from tests.engine_fixtures import store

__all__ = ["store"]


class Sampled:
    def __init__(self, store: Store) -> None:
        self.now = 20_000 * DAY
        self.values: dict[str, float | None] = {"queue": 10.0, "disk": 100e9, "speed": None}
        sources = {name: lambda name=name: self.values[name] for name in self.values}
        self.trends = Trends(store, sources, clock=lambda: self.now)  # type: ignore[arg-type]

    def step(self, count: int = 1, seconds: float = 60.0) -> None:
        for _ in range(count):
            self.trends.step()
            self.now += seconds

    def view(self, name: str) -> object:
        return next((view for view in self.trends.view(OWNER) if view.series == name), None)


@pytest.fixture
def sampled(store: Store) -> Sampled:
    return Sampled(store)


def test_samples_are_written_ten_at_a_time(sampled: Sampled, store: Store) -> None:
    sampled.step(HELD - 1)
    assert sampled.trends.view(OWNER) == []
    sampled.step()
    assert len(rows.of(store.read(), "queue", rows.MINUTE)) == HELD
    assert {view.series for view in sampled.trends.view(OWNER)} == {"queue", "disk"}


def test_a_view_has_a_day_a_month_and_years(sampled: Sampled) -> None:
    sampled.step(120)
    view = next(view for view in sampled.trends.view(OWNER) if view.series == "queue")
    assert {name: len(points) for name, points in view.spans.items()} == {"day": 8, "month": 1, "years": 1}
    assert view.now == 10.0 and view.unlike is None


def test_a_month_that_fills_the_disk_and_a_day_of_a_long_queue_are_told(sampled: Sampled) -> None:
    for _ in range(20):
        sampled.step(HELD, DAY / HELD)
        sampled.values["disk"] = (sampled.values["disk"] or 0.0) - 2e9
    sampled.values["queue"] = 400.0
    sampled.step(HELD, 60.0)
    views = {view.series: view for view in sampled.trends.view(OWNER)}
    assert views["disk"].full_in == pytest.approx(30.0, abs=1.0)
    assert views["queue"].unlike == Unlike(400.0, 10.0)
    assert views["queue"].full_in is None and views["disk"].unlike is None
