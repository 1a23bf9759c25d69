"""The first lines of the log of an incident."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from core.ops.incidents import first_lines as module
from core.ops.incidents.first_lines import first_lines

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()


def row(seconds: float, level: str = "warning", event: str = "it broke") -> str:
    at = datetime.fromtimestamp(NOON + seconds, UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"timestamp": at, "level": level, "logger": "core.app", "event": event}) + "\n"


def test_warnings_of_the_time_are_kept_in_order_from_all_files(tmp_path: Path) -> None:
    (tmp_path / "application.log").write_text(row(5) + row(1, "info") + row(-60) + row(200) + "no json\n" + '{"level": 1}\n')
    (tmp_path / "system.log").write_text(row(3, "error", "two\nlines"))
    assert first_lines(tmp_path, NOON, NOON + 60) == [
        "12:00:03 ERROR core.app two lines",
        "12:00:05 WARNING core.app it broke",
    ]
    assert len(first_lines(tmp_path, NOON, None)) == 3
    assert first_lines(tmp_path / "none", NOON, None) == []


def test_a_flood_is_cut(tmp_path: Path) -> None:
    (tmp_path / "application.log").write_text("".join(row(n, event="x" * 5000) for n in range(50)))
    found = first_lines(tmp_path, NOON, None)
    assert len(found) == module.MOST_LINES and max(map(len, found)) == module.LONGEST
