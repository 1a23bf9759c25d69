"""The metrics of a whole CastMind: what a scrape costs, what it reads, and that it writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import events
from core.app import CastMind
from core.app.measured import SOURCES
from core.store.db.database import Store
from tests.runner_fixture import until


@pytest.fixture
def running(castmind: CastMind) -> CastMind:
    castmind._store.open()
    return castmind


def lines(castmind: CastMind) -> dict[str, str]:
    text = castmind.metrics.text().decode()
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))


def test_every_source_answers_of_a_library(running: CastMind) -> None:
    try:
        found = lines(running)
        assert not [name for name in found if name.startswith("castmind_unmeasured")]
        assert found['castmind_feeds{state="failing"}'] == "0.0"
        assert float(found['castmind_disk_bytes{kind="free"}']) > 0
        assert not [name for name in found if "gpu" in name or "worker_memory" in name or "backup_age" in name]
    finally:
        running._store.close()


def test_the_checks_of_health_follow_a_moment_later(running: CastMind) -> None:
    try:
        until(lambda: 'castmind_check_status{check="database"}' in lines(running))
        assert lines(running)['castmind_check_status{check="database"}'] == "0.0"
    finally:
        running._store.close()


def test_a_scrape_never_takes_the_writer(running: CastMind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running._health, "remembered", dict)
    running.setup_checklist._probe = None
    written: list[Any] = []

    def write(self: Store, change: Callable[..., Any]) -> Any:
        written.append(change)

    monkeypatch.setattr(Store, "write", write)
    try:
        lines(running)
        assert written == []
    finally:
        monkeypatch.undo()
        running._store.close()


def test_events_of_the_bus_reach_the_metrics(running: CastMind) -> None:
    try:
        running.events.publish(events.FeedPolled(feed_id=1))
        assert running.events.settle()
        assert lines(running)['castmind_feed_polls_total{result="answered"}'] == "1.0"
    finally:
        running._store.close()


def test_names_are_unique_and_begin_alike() -> None:
    names = [name for name, *_ in SOURCES]
    assert len(set(names)) == len(names) and all(name.startswith("castmind_") for name in names)
