"""Three days of two hundred feeds with bad servers, in simulated time over real HTTP, by the scheduler that the server runs.

the clock jumps to the next poll that is due ─▶ scheduler.poll_due ─▶ 16 threads ─▶ the store
▲                                                                                    │
└────────────────────────────────────────────────────────────────────────────────────┘
"""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import settings
from core.background.scheduler import Scheduler
from core.domain.accounts.actor import OWNER
from core.domain.feeds.polling import IMPOSSIBLE
from core.net.web import Fetcher, Patience
from core.services.feeds.subscriptions import Subscriptions
from core.services.settings.settings_service import SettingsService
from core.store.db.database import Store
from core.store.feeds import feeds
from tests.fakes.flaky_feeds import BAD_DAYS, HOUR, FlakyFeeds

START = 1_750_000_000.0
FEEDS = 200
IMPATIENT = Patience(connect=5.0, read=1.5, whole=10.0)


class Day:
    """The parts of a server that poll, over a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.store = Store(folder / "castmind.db")
        self.store.open()
        self._fetcher = Fetcher(lambda: [f"127.0.0.{n}" for n in range(1, 101)])
        self.subscriptions = Subscriptions(
            self.store,
            SettingsService(settings.load({}, environ={}), self.store, environ={}),
            self._fetcher,
            clock=lambda: self.now,
            patience=IMPATIENT,
        )
        self._scheduler = Scheduler(self.subscriptions, look_seconds=1e6)
        self._scheduler.start()

    def close(self) -> None:
        self._scheduler.stop(timeout=30.0)
        self._fetcher.close()
        self.store.close()

    def subscribe(self, urls: list[str]) -> None:
        self.store.write(lambda db: [feeds.add(db, {"url": url, "title": url}, now=self.now) for url in urls])

    def poll_until(self, end: float) -> None:
        """Every poll at its time; those of one minute together, as they would be with a slower network."""
        while (due := self._next()) <= end:
            self.now = max(self.now, due) + 60.0
            self._scheduler.poll_due()
            while self._scheduler.busy():
                time.sleep(0.002)
        self.now = end

    def poll_all(self) -> None:
        self.store.write(
            lambda db: [feeds.change(db, row.feed.id, {"next_poll_at": 0.0}) for row in self.subscriptions.listing(OWNER)]
        )
        self.poll_until(self.now)

    def _next(self) -> float:
        return float(self.store.read().execute("SELECT min(next_poll_at) FROM feeds").fetchone()[0])


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    made = Day(tmp_path)
    yield made
    made.close()


def counts() -> tuple[int, int]:
    """Threads and open files of this process."""
    return threading.active_count(), sum(1 for _ in Path("/proc/self/fd").iterdir())


def grown() -> int:
    """Return the bytes that our code and the HTTP client have allocated since tracemalloc began, and still hold."""
    ours = [tracemalloc.Filter(True, "*/core/*"), tracemalloc.Filter(True, "*/http*")]
    return sum(each.size for each in tracemalloc.take_snapshot().filter_traces(ours).statistics("filename"))


def soak(day: Day, *, hours: float, whole: bool) -> None:
    with FlakyFeeds(FEEDS, lambda: day.now) as host:
        day.subscribe([host.url(n) for n in range(FEEDS)])
        day.poll_until(START + hours / 3 * HOUR)
        threads, files = counts()
        tracemalloc.start()
        for part in (1 / 3, 2 / 3, 1.0):
            day.poll_until(START + hours * HOUR * (1 / 3 + part * 2 / 3))
            (threads_now, files_now), polls = counts(), sum(host.answers.values())
            print(f"{(day.now - START) / HOUR:.0f} h: {polls} polls, {grown()} bytes, {threads_now} threads, {files_now} files")
        assert grown() < 4_000_000
        tracemalloc.stop()
        assert counts()[0] <= threads
        assert counts()[1] <= files + 40, "connections that are kept, and no more"
        assert set(BAD_DAYS) | {"moved", "gone", "fine"} <= set(host.answers), "every kind of trouble was met"

        left = day.subscriptions.listing(OWNER)
        assert len(left) == FEEDS
        assert all(day.now - IMPOSSIBLE < (row.feed.last_polled_at or 0) for row in left), "no feed stopped"
        assert all(day.now < row.feed.next_poll_at < day.now + IMPOSSIBLE for row in left)

        host.heal()
        # Each comes round again by itself; that takes a day, which the short form does not wait for.
        if whole:
            day.poll_until(day.now + IMPOSSIBLE)
        # A computer under load may take longer to answer itself than these polls are patient: twice or three times, then.
        for _ in range(3):
            day.poll_all()
        rows = day.subscriptions.listing(OWNER)
        assert [row.feed.error for row in rows if row.feed.error] == []
        assert {row.feed.url.rpartition("/")[2] for row in rows} > {"0.xml"}, "some have moved"
        there = Counter(row[0] for row in day.store.read().execute("SELECT link FROM episodes"))
        assert there == Counter(host.true_links())


@pytest.mark.long
def test_hours_of_flaky_feeds_lose_nothing_and_double_nothing(day: Day) -> None:
    soak(day, hours=2, whole=False)


@pytest.mark.long
def test_three_days_of_flaky_feeds_lose_nothing_and_double_nothing(day: Day) -> None:
    soak(day, hours=72, whole=True)
