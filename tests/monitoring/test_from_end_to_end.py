"""CastMind, Debian's real Prometheus and Alertmanager: an alert fires within a minute of its cause, and clears without a hand."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.ollama import FakeOllama
from tests.monitoring.real_monitoring import TOKEN, Monitoring, needs_programs
from tests.running import RunningApp, wait_for

DETECTED_SECONDS = 60.0


def fires_and_clears(monitoring: Monitoring, alert: str) -> Iterator[None]:
    """Yield where the cause begins, and again where it ends."""
    assert alert not in monitoring.told()
    yield
    began = time.monotonic()
    wait_for(lambda: alert in monitoring.told(), patience=120)
    assert time.monotonic() - began <= DETECTED_SECONDS
    yield
    wait_for(lambda: alert not in monitoring.told(), patience=300)


@needs_programs
@pytest.mark.long
def test_causes_are_told_within_a_minute_and_clear_by_themselves(tmp_path: Path) -> None:
    with FakeOllama() as ollama:
        settings = {
            "CASTMIND_METRICS_TOKEN": TOKEN,
            "CASTMIND_NOTES_ENGINE": "auto",
            "OLLAMA_HOST": ollama.url,
        }
        app = RunningApp(tmp_path / "data", **settings)
        monitoring = Monitoring(tmp_path, app.port)
        with app, monitoring.serving():
            wait_for(lambda: monitoring.asked("castmind_check_status"), patience=120)
            assert int(str(monitoring.asked("castmind:monitoring:series or vector(0)")[0]["value"][1]).partition(".")[0]) < 3000  # type: ignore[index]
            assert monitoring.told() == set()
            free_gb = shutil.disk_usage(tmp_path).free / 1e9
            step = fires_and_clears(monitoring, "CastMindPartLimited")
            next(step)
            app.client.patch("/api/v1/settings", json={"min_free_gb": round(free_gb * 2)}).raise_for_status()
            next(step)
            app.client.patch("/api/v1/settings", json={"min_free_gb": 0.1}).raise_for_status()
            assert next(step, None) is None
            step = fires_and_clears(monitoring, "CastMindDown")
            next(step)
            app.kill()
            next(step)
            app.start()
            assert next(step, None) is None
