"""The table of metrics in docs/architecture/observability.md names what is measured, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from core.app.measured import SOURCES
from core.ops.metrics.instruments import Instruments

DOCS = Path(__file__).resolve().parents[3] / "docs" / "architecture" / "observability.md"


def test_the_table_names_every_metric() -> None:
    told = set(re.findall(r"^\| `(castmind_\w+)` \|", DOCS.read_text(encoding="utf-8"), re.M))
    counted = {family.name + ("_total" if family.type == "counter" else "") for family in Instruments().registry.collect()}
    asked = {name + ("_total" if counts else "") for name, _, _, _, counts in SOURCES}
    measured = {name for name in counted if name.startswith("castmind_")} | asked | {"castmind_unmeasured"}
    assert told == measured
