from __future__ import annotations

from core import events
from core.app import CastMind
from core.app.histories import sources_of


def test_each_source_of_the_history_answers_of_a_library(castmind: CastMind) -> None:
    castmind._store.open()
    try:
        sources = sources_of(castmind)
        assert set(sources) == {"queue", "speed", "errors", "disk"}
        assert (sources["queue"](), sources["speed"](), sources["errors"]()) == (0.0, None, 0.0)
        assert (sources["disk"]() or 0.0) > 0
        castmind.metrics.hear(events.FeedPolled(feed_id=1, error="network_unreachable"))
        castmind.metrics.hear(events.FeedPolled(feed_id=1))
        castmind.metrics.answered("/api/v1/episodes", "GET", 503, 0.1)
        castmind.metrics.answered("/api/v1/episodes", "GET", 500, 0.1)
        # Two in a minute.
        assert (sources["errors"](), sources["errors"]()) == (120.0, 0.0)
    finally:
        castmind._store.close()
