"""The files of deploy/monitoring name only what is measured; monitoring stays small, and its containers are confined."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.app import CastMind
from core.app.measured import SOURCES
from core.ops.metrics.instruments import Instruments
from scripts.compose_variables import VARIABLES
from tests.monitoring.promtool import MONITORING, RULES
from tests.running import PROJECT

SERVICES = ("prometheus", "alertmanager", "grafana", "loki", "alloy")
# The other one that runs an image of others beside CastMind.
REPLICA = "replica"
SCRAPES_A_MONTH = 30 * 86_400 / 15
BYTES_A_SAMPLE = 2
LIMIT = 1_000_000_000


def measured() -> set[str]:
    """Return the names of all series, those of histograms included."""
    found = {name + ("_total" if counts else "") for name, _, _, _, counts in SOURCES}
    for family in Instruments().registry.collect():
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",))
        found |= {family.name + ending for ending in endings}
    return found


def recorded() -> set[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in RULES)
    return set(re.findall(r"record: (\S+)", text))


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.base.yml").read_text(encoding="utf-8"))["services"]
    return found


@pytest.mark.parametrize("path", [*RULES, MONITORING / "grafana" / "dashboards" / "castmind.json"], ids=lambda path: path.name)
def test_only_what_is_measured_or_recorded_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"\bcastmind_\w+", text)) <= measured()
    assert set(re.findall(r"\bcastmind:[\w:]+", text)) <= recorded()


def test_the_dashboard_has_panels_with_ids_of_their_own() -> None:
    board = json.loads((MONITORING / "grafana" / "dashboards" / "castmind.json").read_text(encoding="utf-8"))
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids) > 15
    assert all(target["expr"] for panel in board["panels"] for target in panel["targets"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_of_monitoring_is_confined(name: str) -> None:
    service = compose()[name]
    assert service["profiles"] == ["monitoring"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"] and service["mem_limit"] and service["pids_limit"]
    assert all(port.startswith("${CASTMIND_BIND:-127.0.0.1}:") for port in service.get("ports", []))
    for volume in service["volumes"]:
        source, _, mode = volume.rpartition(":")
        assert mode == "ro" or not source.startswith(".")


@pytest.mark.parametrize("name", [*SERVICES, REPLICA])
def test_its_image_is_pinned_and_may_be_another_one(name: str) -> None:
    variable, default = re.fullmatch(r"\$\{(\w+):-(.+)\}", compose()[name]["image"]).groups()  # type: ignore[union-attr]
    assert {v.name: v.default for v in VARIABLES}[variable] == default and re.search(r":v?\d+\.\d+\.\d+$", default)


@pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose.cpu.yml"])
def test_both_ways_to_run_have_the_profile(file: str) -> None:
    body = yaml.safe_load((PROJECT / file).read_text(encoding="utf-8"))
    assert set(SERVICES) <= body["services"].keys()
    named = {volume.split(":")[0] for name in SERVICES for volume in compose()[name]["volumes"] if volume[0] not in ".$"}
    assert named <= body["volumes"].keys()


def test_every_file_that_is_mounted_is_there() -> None:
    sources = [volume.split(":")[0] for name in SERVICES for volume in compose()[name]["volumes"] if volume.startswith("./")]
    assert sources and all((PROJECT / source).exists() for source in sources)


def test_a_month_of_monitoring_is_smaller_than_a_gigabyte(castmind: CastMind) -> None:
    """Of a real scrape, after each route of the API was asked in three ways."""
    made = castmind.metrics
    routes = [f"/api/v1/route-{number}" for number in range(140)]
    for route in routes:
        for method, status in (("GET", 200), ("POST", 422), ("GET", 404)):
            made.answered(route, method, status, 0.01)
    castmind._store.open()
    try:
        lines = [line for line in made.text().decode().splitlines() if not line.startswith("#")]
    finally:
        castmind._store.close()
    # Stages, kinds and codes that did not occur here.
    series = len(lines) + 300
    limit = yaml.safe_load((MONITORING / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"][0]["sample_limit"]
    assert series < limit
    assert (series + 35) * SCRAPES_A_MONTH * BYTES_A_SAMPLE < LIMIT


def test_the_rules_count_in_the_same_way() -> None:
    text = (MONITORING / "rules" / "recording.yml").read_text(encoding="utf-8")
    assert f"castmind:monitoring:series * {BYTES_A_SAMPLE} * 30 * 86400 / 15" in text
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text(encoding="utf-8"))
    assert config["global"]["scrape_interval"] == config["global"]["evaluation_interval"] == "15s"
