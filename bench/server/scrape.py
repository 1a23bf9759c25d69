"""What a monitor costs: scrapes of /metrics and looks at /health, of a server over a library of ten thousand episodes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench.processes import processor_seconds
from tests.fixtures.many_episodes import fill
from tests.running import RunningApp


def measure(folder: Path, quick: bool) -> Iterator[str]:
    count, times = (300, 5) if quick else (10_000, 200)
    data = folder / "data"
    data.mkdir()
    fill(data, count)
    yield "| path | p50 (ms) | p95 (ms) | processor (ms) | bytes | series |"
    yield "| --- | --- | --- | --- | --- | --- |"
    with RunningApp(data) as app:
        for path in ("/metrics", "/health"):
            app.client.get(path)
            before, took = processor_seconds(app.pid), []
            for _ in range(times):
                began = time.perf_counter()
                body = app.client.get(path).text
                took.append(1000 * (time.perf_counter() - began))
            used = 1000 * (processor_seconds(app.pid) - before) / times
            lines = [line for line in body.splitlines() if line and not line.startswith("#")] if path == "/metrics" else []
            p95 = statistics.quantiles(took, n=20)[-1]
            yield f"| {path} | {statistics.median(took):.1f} | {p95:.1f} | {used:.1f} | {len(body):,} | {len(lines) or ''} |"
