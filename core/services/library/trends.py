"""The history of CastMind (`castmind.trends`): queue, speed, errors and disk, and what they say of today and tomorrow.

each minute: step() ─▶ sources ─▶ kept in memory ─▶ ten minutes ─▶ one write: minutes, hours, days (core/store/jobs/trends.py)
view(actor) ─▶ the rows of a series ─▶ domain.trends: unlike the last weeks? when is the disk full?
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from core.domain import trends as rules
from core.domain.accounts.actor import Actor
from core.domain.trends import TrendPoint, Unlike
from core.store.db.database import Store
from core.store.jobs import trends

# Samples in memory before they are written: the disk is left alone most of the time.
HELD = 10
# Points drawn: quarters of an hour of a day, half days of a month, weeks of two years.
DRAWN: Mapping[str, tuple[int, float]] = {
    "day": (trends.MINUTE, 900.0),
    "month": (trends.HOUR, 43_200.0),
    "years": (trends.DAY, 7 * 86_400.0),
}


@dataclass(frozen=True, slots=True)
class TrendView:
    """The history of one series. `spans` maps day, month and years to their points; `full_in` is days, for the disk."""

    series: str
    spans: Mapping[str, list[TrendPoint]]
    now: float | None
    unlike: Unlike | None = None
    full_in: float | None = None


class Trends:
    """`sources` return a number, or None for nothing to note. `step` belongs to one thread; `view` is safe from any."""

    def __init__(
        self, store: Store, sources: Mapping[str, Callable[[], float | None]], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._sources = sources
        self._clock = clock
        self._held: list[tuple[str, float, float]] = []
        self._steps = 0

    def step(self) -> None:
        """Take one sample of each source; write the last ones now and then."""
        now = self._clock()
        self._held += [(name, now, value) for name, ask in self._sources.items() if (value := ask()) is not None]
        self._steps += 1
        if self._steps >= HELD:
            held, self._held, self._steps = self._held, [], 0
            self._store.write(partial(trends.add, samples=held, now=now))

    def view(self, actor: Actor) -> list[TrendView]:
        """Return the history of each series that has one."""
        now = self._clock()
        with self._store.snapshot() as db:
            found = {name: {step: trends.of(db, name, step) for step in trends.KEPT} for name in self._sources}
        return [self._seen(name, rows, now) for name, rows in found.items() if rows[trends.MINUTE] or rows[trends.DAY]]

    def _seen(self, name: str, rows: Mapping[int, list[TrendPoint]], now: float) -> TrendView:
        spans = {span: rules.grouped(rows[step], group) for span, (step, group) in DRAWN.items()}
        days = rows[trends.DAY]
        today = days[-1] if days and days[-1].at > now - trends.DAY else None
        before = [point.value for point in days if point is not today and point.at > now - rules.MOST_DAYS * trends.DAY]
        latest = rows[trends.MINUTE] or days
        return TrendView(
            name,
            spans,
            latest[-1].value if latest else None,
            rules.unlike(today.value, before) if today and name != "disk" else None,
            rules.full_in(days, now) if name == "disk" else None,
        )
