"""Memory and processor time of processes, as Linux counts them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.beside import repeated

MB = 1_000_000


def resident(pid: int) -> int:
    """Bytes resident now; 0 when the process is gone."""
    return _field(pid, "VmRSS")


def proportional(pid: int) -> int:
    """Bytes resident now, what is shared with other processes only in part: such sums count nothing twice."""
    return _field(pid, "Pss:", "smaps_rollup")


def peak(pid: int) -> int:
    """Most bytes resident since the start or `reset_peak`."""
    return _field(pid, "VmHWM")


def reset_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def children(pid: int) -> list[int]:
    """Process ids of all descendants."""
    try:
        direct = [int(c) for t in Path(f"/proc/{pid}/task").iterdir() for c in (t / "children").read_text().split()]
    except OSError:
        return []
    return direct + [g for c in direct for g in children(c)]


def processor_seconds(pid: int) -> float:
    """Used so far by the process and all its descendants, those that have ended too."""
    return sum(_own_seconds(p) for p in (pid, *children(pid)))


def _own_seconds(pid: int) -> float:
    """Of one process and of those children that it has outlived."""
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
    """The most that the server and its children together, and the largest child alone, held."""

    def __init__(self) -> None:
        self.together = 0
        self.child = 0


@contextmanager
def watched(pid: int, *, seconds: float = 0.5, size: Callable[[int], int] = resident) -> Iterator[Peaks]:
    """Looks every half second until the block ends."""
    peaks = Peaks()

    def watch() -> None:
        sizes = [size(c) for c in children(pid)]
        peaks.child = max([peaks.child, *sizes])
        peaks.together = max(peaks.together, size(pid) + sum(sizes))

    with repeated(watch, pause=seconds):
        yield peaks
