"""CastMind, Debian's real Prometheus and Alertmanager: an alert fires within a minute of its cause, and clears without a hand."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from tests.fakes.ollama import FakeOllama
from tests.monitoring.promtool import MONITORING
from tests.running import RunningApp, free_port, wait_for

PROGRAMS = ("prometheus", "prometheus-alertmanager")
needs_programs = pytest.mark.skipif(
    not all(map(shutil.which, PROGRAMS)), reason="Prometheus and Alertmanager are not installed (Debian: apt install)"
)
DETECTED_SECONDS = 60.0


@contextmanager
def running(*command: str) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


class Monitoring:
    """Prometheus and Alertmanager with the files of deploy/monitoring; only the addresses are others."""

    def __init__(self, folder: Path, app: int) -> None:
        self.folder, self.app = folder, app
        self.prometheus, self.alertmanager = free_port(), free_port()
        config = yaml.safe_load((MONITORING / "prometheus.yml").read_text(encoding="utf-8"))
        config["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{app}"]}]
        config["scrape_configs"][0]["authorization"] = {"credentials": "s3cret"}
        config["alerting"]["alertmanagers"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{self.alertmanager}"]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        (folder / "rules").symlink_to(MONITORING / "rules")

    @contextmanager
    def serving(self) -> Iterator[None]:
        with (
            running(
                "prometheus-alertmanager",
                f"--config.file={MONITORING / 'alertmanager.yml'}",
                f"--storage.path={self.folder / 'alertmanager'}",
                f"--web.listen-address=127.0.0.1:{self.alertmanager}",
                "--cluster.listen-address=",
            ),
            running(
                "prometheus",
                f"--config.file={self.folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={self.folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{self.prometheus}",
            ),
        ):
            yield

    def asked(self, expression: str) -> list[dict[str, object]]:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.prometheus}/api/v1/query", params={"query": expression}, timeout=10)
        except httpx.TransportError:
            return []
        found: list[dict[str, object]] = answer.json()["data"]["result"]
        return found

    def told(self) -> set[str]:
        """Return the alerts that Alertmanager has now."""
        answer = httpx.get(f"http://127.0.0.1:{self.alertmanager}/api/v2/alerts", timeout=10)
        return {alert["labels"]["alertname"] for alert in answer.json()}


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
            "CASTMIND_METRICS_TOKEN": "s3cret",
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
