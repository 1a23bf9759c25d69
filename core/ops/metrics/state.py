"""The state of CastMind at the time of a scrape: the queue, the disk, the parts. Nothing is stored; nothing is written.

a scrape ─▶ collect() ─▶ each source is asked ─┬─ its series
                                               └─ it raises, or knows nothing: no series, and never a false 0
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)

Labels = tuple[str, ...]
Values = Mapping[Labels, float]
"""A value for each combination of labels. Without labels: the key ()."""


@dataclass(frozen=True, slots=True)
class MetricSource:
    """One metric. `ask` returns its values, empty if it is absent; `counts` makes it a counter."""

    name: str
    help: str
    ask: Callable[[], Values]
    labels: Labels = ()
    counts: bool = False

    def metric(self, values: Values) -> Metric:
        kind = CounterMetricFamily if self.counts else GaugeMetricFamily
        made: CounterMetricFamily | GaugeMetricFamily = kind(self.name, self.help, labels=self.labels)
        for labels, value in values.items():
            made.add_metric(labels, value)
        return made


def one(value: float | None) -> Values:
    """Return a value without labels; None is absent."""
    return {} if value is None else {(): float(value)}


class StateCollector(Collector):
    def __init__(self, sources: Iterable[MetricSource]) -> None:
        self._sources = tuple(sources)

    def describe(self) -> list[Metric]:
        """Return nothing: the registry would ask every source for its names before there is a library."""
        return []

    def collect(self) -> Iterator[Metric]:
        failed: dict[Labels, float] = {}
        for source in self._sources:
            try:
                values = source.ask()
            except Exception as error:
                log.debug("%s could not be measured: %s", source.name, error)
                failed[(source.name,)] = 1.0
                continue
            if values:
                yield source.metric(values)
        yield MetricSource("castmind_unmeasured", "Metrics that could not be measured now.", dict, ("metric",)).metric(failed)
