from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from core.ops.metrics.state import MetricSource, StateCollector, one


def text(*sources: MetricSource) -> str:
    registry = CollectorRegistry()
    registry.register(StateCollector(sources))
    return generate_latest(registry).decode()


def broken() -> dict[tuple[str, ...], float]:
    raise OSError("gone")


def test_values_have_their_labels_and_counters_their_type() -> None:
    said = text(
        MetricSource("a", "An a.", lambda: {("x", "y"): 2.0}, ("one", "two")),
        MetricSource("b", "A b.", lambda: one(3), counts=True),
    )
    assert 'a{one="x",two="y"} 2.0' in said and "# TYPE a gauge" in said
    assert "b_total 3.0" in said and "# TYPE b_total counter" in said


@pytest.mark.parametrize("ask", [dict, lambda: one(None)])
def test_what_is_absent_has_no_series_and_is_no_0(ask: object) -> None:
    assert "card" not in text(MetricSource("card", "Its memory.", ask))  # type: ignore[arg-type]


def test_what_cannot_be_measured_is_named_and_hides_nothing_else() -> None:
    said = text(MetricSource("bad", "Broken.", broken), MetricSource("good", "Fine.", lambda: one(1)))
    assert "good 1.0" in said and 'castmind_unmeasured{metric="bad"} 1.0' in said


def test_nothing_is_asked_before_a_scrape() -> None:
    asked = []
    StateCollector([MetricSource("a", "An a.", lambda: one(asked.append(1) or 1.0))]).describe()
    CollectorRegistry().register(StateCollector([MetricSource("a", "An a.", lambda: one(asked.append(1) or 1.0))]))
    assert asked == []
