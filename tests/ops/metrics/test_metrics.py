from __future__ import annotations

from core import events
from core.ops.metrics.heard import EventCounts
from core.ops.metrics.instruments import Instruments
from core.ops.metrics.metrics import Metrics
from core.ops.metrics.state import MetricSource, one
from core.store.db.transaction import patience


def metrics(*sources: MetricSource) -> Metrics:
    instruments = Instruments()
    return Metrics(instruments, EventCounts(instruments, run_of=lambda _: None, wanted=lambda _: None), sources)


def test_everything_that_was_counted_is_in_one_text() -> None:
    made = metrics(MetricSource("castmind_ready", "Ready.", lambda: one(True)))
    made.hear(events.FeedPolled(feed_id=1))
    made.answered("/api/v1/episodes", "GET", 200, 0.03)
    made.pages(4)
    text = made.text().decode()
    for line in (
        "castmind_ready 1.0",
        'castmind_feed_polls_total{result="answered"} 1.0',
        'castmind_http_requests_total{method="GET",route="/api/v1/episodes",status="200"} 1.0',
        'castmind_http_seconds_bucket{le="0.05",route="/api/v1/episodes"} 1.0',
        "castmind_open_pages 4.0",
    ):
        assert line in text.splitlines(), line


def test_a_scrape_waits_no_longer_for_a_lock_than_a_check() -> None:
    waits: list[float | None] = []
    metrics(MetricSource("a", "An a.", lambda: one(waits.append(patience.get()) or 1.0))).text()
    assert waits == [0.7] and patience.get() is None
