"""Start-up: from the start of the process to the first 200 of /health/ready."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from tests.running import RunningApp


def measure(folder: Path, quick: bool) -> Iterator[str]:
    yield "| run | seconds |"
    yield "| --- | --- |"
    times = []
    for number in range(2 if quick else 6):
        app = RunningApp(folder / "data")
        began = time.monotonic()
        with app:
            times.append(time.monotonic() - began)
            app.stop()
        yield f"| {'first, empty folder' if number == 0 else number} | {times[-1]:.2f} |"
    yield f"| median of the later ones | {statistics.median(times[1:]):.2f} |"
