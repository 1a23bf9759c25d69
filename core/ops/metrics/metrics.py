"""Numbers for a monitor: what GET /metrics answers.

events ─▶ EventCounts ─┐                        ┌▶ text(): the exposition format of Prometheus
HTTP, open pages ──┴▶ Instruments ─ registry┤
sources ─────────────▶ StateCollector ──────┘     asked at each scrape
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.events import Event
from core.ops.health import LOCK_SECONDS
from core.ops.metrics.heard import EventCounts
from core.ops.metrics.instruments import Instruments
from core.ops.metrics.state import MetricSource, StateCollector
from core.store.db.transaction import patience

CONTENT_TYPE = CONTENT_TYPE_LATEST


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

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format. Reads the library, and never writes it."""
        waits = patience.set(LOCK_SECONDS)
        try:
            return generate_latest(self._made.registry)
        finally:
            patience.reset(waits)
