"""Numbers for a monitor: what GET /metrics answers.

events ─▶ EventCounts ─┐                        ┌▶ text(): the exposition format of Prometheus
HTTP, open pages ──┴▶ Instruments ─ registry┤
sources ─────────────▶ StateCollector ──────┘     asked at each scrape
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.events import Event
from core.ops.health import LOCK_SECONDS
from core.ops.metrics.heard import EventCounts
from core.ops.metrics.instruments import Instruments
from core.ops.metrics.state import MetricSource, StateCollector
from core.store.db.transaction import waiting_at_most

CONTENT_TYPE = CONTENT_TYPE_LATEST
FAILED: Mapping[str, Callable[[Mapping[str, str]], bool]] = {
    "castmind_stages": lambda labels: labels["outcome"] == "failed",
    "castmind_feed_polls": lambda labels: labels["result"] != "answered",
    # 503 says that something is away for a while.
    "castmind_http_requests": lambda labels: labels["status"] >= "500" and labels["status"] != "503",
}
"""The counters of failures, and which of their labels count."""


class Metrics:
    """All metrics of one CastMind. Thread-safe."""

    def __init__(self, instruments: Instruments, hearing: EventCounts, sources: Iterable[MetricSource]) -> None:
        self._made = instruments
        self._hearing = hearing
        instruments.registry.register(StateCollector(sources))

    def hear(self, event: Event) -> None:
        """Count an event of the bus."""
        self._hearing.hear(event)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an HTTP answer."""
        self._made.http_requests.labels(route, method, str(status)).inc()
        self._made.http_seconds.labels(route).observe(seconds)

    def pages(self, count: int) -> None:
        """Note how many pages are open."""
        self._made.pages.set(count)

    def failures(self) -> float:
        """Return how much failed so far: steps, polls of feeds, and answers with a status of 500 or more but 503."""
        return sum(
            sample.value
            for family in self._made.registry.restricted_registry([f"{name}_total" for name in FAILED]).collect()
            for sample in family.samples
            if sample.name.endswith("_total") and FAILED[family.name](sample.labels)
        )

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format. Reads the library, and never writes it."""
        with waiting_at_most(LOCK_SECONDS):
            return generate_latest(self._made.registry)
