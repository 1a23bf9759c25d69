"""The first lines of the log of an incident: warnings and errors since shortly before it began, without secrets.

The files hold JSON lines whose secrets were taken out when they were written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

MOST_LINES = 20
MOST_BYTES = 4_000_000
BEFORE_SECONDS = 10.0
LONGEST = 300
LEVELS = ("WARNING", "ERROR", "CRITICAL")


def first_lines(folder: Path, since: float, until: float | None) -> list[str]:
    """Return `time level logger text` of the first lines of all logs in the folder, oldest first; times are UTC."""
    files = sorted(folder.glob("*.log")) if folder.is_dir() else []
    rows = (row for path in files for row in _rows(path))
    end = float("inf") if until is None else until + BEFORE_SECONDS
    found = sorted(row for row in rows if since - BEFORE_SECONDS <= row[0] <= end)
    return [text for _, text in found[:MOST_LINES]]


def _rows(path: Path) -> Iterator[tuple[float, str]]:
    """Yield time and text of the lines that tell of trouble, from the end of the file."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - MOST_BYTES, 0))
        for line in file:
            try:
                row = json.loads(line)
                moment = datetime.fromisoformat(row["timestamp"])
                level, logger, event = str(row["level"]).upper(), row["logger"], " ".join(str(row["event"]).split())
            except (ValueError, KeyError, TypeError):
                continue  # the middle of a line, or of another program
            if level in LEVELS:
                yield moment.timestamp(), f"{moment:%H:%M:%S} {level} {logger} {event}"[:LONGEST]
