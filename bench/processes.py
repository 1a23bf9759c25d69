"""Memory and processor time of processes, from Linux's /proc."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.beside import repeated

MB = 1_000_000


def resident(pid: int) -> int:
    """Return the resident bytes; 0 after the process has ended."""
    return _field(pid, "VmRSS")


def proportional(pid: int) -> int:
    """Return the proportional set size in bytes: shared pages count in part, so that sums over processes count nothing twice."""
    return _field(pid, "Pss:", "smaps_rollup")


def peak(pid: int) -> int:
    """Return the peak of resident bytes since the start or `reset_peak`."""
    return _field(pid, "VmHWM")


def reset_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def children(pid: int) -> list[int]:
    """Return the process ids of all descendants."""
    try:
        direct = [int(c) for t in Path(f"/proc/{pid}/task").iterdir() for c in (t / "children").read_text().split()]
    except OSError:
        return []
    return direct + [g for c in direct for g in children(c)]


def processor_seconds(pid: int) -> float:
    """Return the processor seconds of the process and all its descendants, including ended ones."""
    return sum(_own_seconds(p) for p in (pid, *children(pid)))


def _own_seconds(pid: int) -> float:
    """Return the processor seconds of one process and its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def _field(pid: int, name: str, file: str = "status") -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)


class Peaks:
    """Peaks in bytes: of the server with its children, and of the largest single child."""

    def __init__(self) -> None:
        self.together = 0
        self.child = 0


@contextmanager
def watched(pid: int, *, seconds: float = 0.5, size: Callable[[int], int] = resident) -> Iterator[Peaks]:
    """Measure every `seconds` until the block ends."""
    peaks = Peaks()

    def watch() -> None:
        sizes = [size(c) for c in children(pid)]
        peaks.child = max([peaks.child, *sizes])
        peaks.together = max(peaks.together, size(pid) + sum(sizes))

    with repeated(watch, pause=seconds):
        yield peaks
