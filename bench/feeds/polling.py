"""Compare polling with the `reader` library: the same feeds, from the same host on this computer; sides alternate.

host (a process) ◀── ours: the scheduler and store of the server (a process) │ reader.update_feeds (a process)
                        500 new feeds of 50 items ─▶ all unchanged ─▶ one new item each          one feed of 10,000 items
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from bench.processes import proportional, watched

FEEDS, ITEMS, LARGE = 500, 50, 10_000
SIDES = ("ours", "reader")


def measure(folder: Path, quick: bool) -> Iterator[str]:
    feeds, items, large, rounds = (40, 10, 1_000, 1) if quick else (FEEDS, ITEMS, LARGE, 3)
    many = [{side: _run(folder, side, feeds, items) for side in SIDES} for _ in range(rounds)]
    yield f"Median of {rounds} rounds; {feeds} feeds of {items} items, 16 at once.\n"
    yield "| poll | ours (s) | reader (s) | ours / reader | ours, processor (s) | reader, processor (s) |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for phase, name in (("new", "all new"), ("unchanged", "all unchanged"), ("one new", "one new item each")):
        yield _row(name, many, phase)
    one = [{side: _run(folder, side, 1, large) for side in SIDES} for _ in range(rounds)]
    yield f"\nOne feed of {large:,} items.\n"
    yield "| poll | ours (s) | reader (s) | ours / reader | ours, processor (s) | reader, processor (s) |"
    yield "| --- | --- | --- | --- | --- | --- |"
    yield _row("new", one, "new")
    yield "\n| most memory, with its children (MB) | ours | reader |"
    yield "| --- | --- | --- |"
    for name, runs in ((f"{feeds} feeds", many), ("the large feed", one)):
        yield f"| {name} | {_median(runs, 'ours', 'peak') / 1e6:.0f} | {_median(runs, 'reader', 'peak') / 1e6:.0f} |"


def _row(name: str, runs: list[dict[str, Any]], phase: str) -> str:
    ours, other = (_median(runs, side, "seconds", phase) for side in SIDES)
    worked = " | ".join(f"{_median(runs, side, 'processor', phase):.2f}" for side in SIDES)
    return f"| {name} | {ours:.2f} | {other:.2f} | {ours / other:.2f} | {worked} |"


def _median(runs: list[dict[str, Any]], side: str, *keys: str) -> float:
    return statistics.median(float(reduce(getitem, keys, run[side])) for run in runs)


def _run(folder: Path, side: str, feeds: int, items: int) -> dict[str, Any]:
    """Run one side from an empty database; each side has its own host, which begins with the same feeds."""
    with _host() as port, tempfile.TemporaryDirectory(dir=folder) as own:
        command = [sys.executable, "-m", "bench.feeds.sides", side, own, str(port), str(feeds), str(items)]
        # Measured from here: reading a process's memory takes time, which would count as the side's own.
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
            watched(process.pid, seconds=0.05, size=proportional) as peaks,
        ):
            said, _ = process.communicate()
    assert process.returncode == 0, f"{side} ended with {process.returncode}"
    result: dict[str, Any] = {**json.loads(said.splitlines()[-1]), "peak": peaks.together}
    assert result["episodes"] == feeds * (items + 1), f"{side} has {result['episodes']} episodes"
    return result


@contextmanager
def _host() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-m", "bench.feeds.host"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
