"""The metrics that are counted as things happen, in a registry of our own. State that can be looked at is in state.py.

Labels are bounded: stages, kinds, codes and route templates, never ids, titles or addresses. A new metric is an attribute here,
and a row of the table in docs/architecture/observability.md.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

# The time at which a series began tells nothing here, and doubles the number of series.
disable_created_metrics()  # type: ignore[no-untyped-call]

HOUR = 3600.0
# Seconds: from a probe of a feed to a long episode on an old processor.
STAGE_BUCKETS = (1.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1800.0, HOUR, 3 * HOUR)
FACTOR_BUCKETS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
# The aims of the HTTP API are among them: 0.2 s for 95 % of its answers.
HTTP_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
OLLAMA_BUCKETS = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0)
DELAY_BUCKETS = tuple(hours * HOUR for hours in (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 168))


class Instruments:
    """All metrics that count. Thread-safe."""

    def __init__(self) -> None:
        self.registry = made = CollectorRegistry()
        ProcessCollector(registry=made)
        # work
        self.stage_seconds = Histogram(
            "castmind_stage_seconds", "Seconds that a finished step ran.", ["stage"], registry=made, buckets=STAGE_BUCKETS
        )
        self.stages = Counter("castmind_stages", "Steps that stopped, by outcome.", ["stage", "outcome"], registry=made)
        self.factor = Histogram(
            "castmind_real_time_factor",
            "Seconds of work for a second of audio, of each transcription.",
            ["device"],
            registry=made,
            buckets=FACTOR_BUCKETS,
        )
        self.audio_seconds = Counter("castmind_audio_seconds", "Seconds of audio that were transcribed.", registry=made)
        self.notes_delay = Histogram(
            "castmind_notes_delay_seconds",
            "Seconds from the publication of an episode, or from when it was asked for, to its first notes.",
            registry=made,
            buckets=DELAY_BUCKETS,
        )
        self.tasks = Counter("castmind_tasks", "Background tasks that ended, by outcome.", ["task", "outcome"], registry=made)
        # sources
        self.episodes = Counter("castmind_episodes_added", "Episodes that were added, by source.", ["source"], registry=made)
        self.polls = Counter("castmind_feed_polls", "Polls of feeds: answered, or the error's code.", ["result"], registry=made)
        # the language model
        self.ollama_calls = Counter(
            "castmind_ollama_calls", "Questions to the language model: answered, or the error's code.", ["result"], registry=made
        )
        self.ollama_tokens = Counter(
            "castmind_ollama_tokens", "Tokens that the language model read (prompt) and wrote (answer).", ["kind"], registry=made
        )
        self.ollama_seconds = Histogram(
            "castmind_ollama_seconds", "Seconds until an answer was whole.", registry=made, buckets=OLLAMA_BUCKETS
        )
        # the server
        self.http_requests = Counter(
            "castmind_http_requests", "HTTP answers, by route.", ["route", "method", "status"], registry=made
        )
        self.http_seconds = Histogram(
            "castmind_http_seconds", "Seconds until an HTTP answer began.", ["route"], registry=made, buckets=HTTP_BUCKETS
        )
        self.pages = Gauge("castmind_open_pages", "Pages that are open in browsers.", registry=made)
        self.backups = Counter("castmind_backups", "Backups that were made, by reason.", ["reason"], registry=made)
        self.events = Counter("castmind_events", "Events that were published, by kind.", ["kind"], registry=made)
