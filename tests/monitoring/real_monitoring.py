"""Debian's real Prometheus and Alertmanager with the files of deploy/monitoring, on one CastMind."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from tests.monitoring.promtool import MONITORING
from tests.running import free_port

TOKEN = "s3cret"
PROGRAMS = ("prometheus", "prometheus-alertmanager")


def installed() -> bool:
    return all(map(shutil.which, PROGRAMS))


needs_programs = pytest.mark.skipif(not installed(), reason="Prometheus and Alertmanager are not installed (Debian: apt install)")


@contextmanager
def running(*command: str) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


class Monitoring:
    """Prometheus and Alertmanager with the files of deploy/monitoring; only the addresses are others."""

    def __init__(self, folder: Path, app: int, *, seconds: int | None = None) -> None:
        """`seconds`: between two scrapes, and between two looks at the rules; the file's unless given."""
        self.folder, self.app = folder, app
        self.prometheus, self.alertmanager = free_port(), free_port()
        config = yaml.safe_load((MONITORING / "prometheus.yml").read_text(encoding="utf-8"))
        if seconds:
            config["global"] |= dict.fromkeys(("scrape_interval", "scrape_timeout", "evaluation_interval"), f"{seconds}s")
        config["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{app}"]}]
        config["scrape_configs"][0]["authorization"] = {"credentials": TOKEN}
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
        """Return the answer to a query; an empty list while Prometheus is not ready."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.prometheus}/api/v1/query", params={"query": expression}, timeout=10)
        except httpx.TransportError:
            return []
        found: list[dict[str, object]] = answer.json()["data"]["result"] if answer.status_code == 200 else []
        return found

    def told(self) -> set[str]:
        """Return the alerts that Alertmanager has now."""
        answer = httpx.get(f"http://127.0.0.1:{self.alertmanager}/api/v2/alerts", timeout=10)
        return {alert["labels"]["alertname"] for alert in answer.json()}
