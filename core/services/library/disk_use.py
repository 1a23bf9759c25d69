"""The disk use of the data folder, by kind: counted in the background, and only on request.

    now() ─▶ return the last count, request a new one      step() ─▶ requested, and the pause is over? ─▶ stat every file

A library can hold a hundred thousand files: a page never waits for a count, and the pause is longer after a slow count.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# The top-level folder determines a file's kind, but for `media/covers`, which is checked before `media`.
KINDS = ("media", "uploads", "models", "backups", "database", "exports", "covers", "inbox", "logs", "other")
_FOLDERS = {"reports": "logs", "bundles": "exports"} | {
    kind: kind for kind in ("media", "uploads", "models", "backups", "exports", "inbox", "logs")
}
_COVERS = "media/covers"
_DATABASE = "castmind.db"
REST_SECONDS = 60.0
REST_FACTOR = 50.0


@dataclass(frozen=True, slots=True)
class Disk:
    """Sizes in bytes: `kinds` as counted at `counted_at` (Unix seconds); `total` and `free` of the disk as of now."""

    kinds: Mapping[str, int]
    counted_at: float
    total: int
    free: int

    @property
    def ours(self) -> int:
        return sum(self.kinds.values())

    @property
    def others(self) -> int:
        """Return the bytes on this disk used by other programs."""
        return max(self.total - self.free - self.ours, 0)


class DiskUse:
    """Safe to call from several threads."""

    def __init__(self, data: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._data = data
        self._clock = clock
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._counted: tuple[Mapping[str, int], float] | None = None
        self._wanted = True
        self._rest_until = 0.0

    def now(self) -> Disk | None:
        """Return the last count and request a new one. None until the first count has finished."""
        with self._guard:
            self._wanted = True
            counted = self._counted
        if counted is None:
            return None
        usage = shutil.disk_usage(self._data)
        return Disk(*counted, usage.total, usage.free)

    def step(self) -> None:
        """Count the files, if a count was requested and the pause since the last one is over."""
        began = self._clock()
        with self._guard:
            # A pause longer than the maximum means that the clock was set back; count anyway.
            if not self._wanted or 0 < self._rest_until - began <= REST_SECONDS * REST_FACTOR:
                return
            self._wanted, self._rest_until = False, began + REST_SECONDS
        kinds = self._count()
        if kinds is None:
            return
        ended = self._clock()
        with self._guard:
            self._counted = kinds, ended
            self._rest_until = ended + max(REST_SECONDS, (ended - began) * REST_FACTOR)

    def start(self) -> None:
        self._stopping.clear()

    def stop(self) -> None:
        """Abort the running count; it gives no result."""
        self._stopping.set()

    def _count(self) -> Mapping[str, int] | None:
        found: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        for kind, count in _files(self._data):
            if self._stopping.is_set():
                return None
            found[kind] += count
        return dict(found)


def _files(data: Path) -> Iterator[tuple[str, int]]:
    """Yield (kind, bytes) of every file. Files deleted during the count are skipped."""
    folders = [("", str(data))]
    while folders:
        inside, folder = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        for entry in entries:
            path = f"{inside}/{entry.name}" if inside else entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.append((path, entry.path))
                continue
            try:
                yield kind_of(path), entry.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                continue


def kind_of(path: str) -> str:
    """Return the kind of a path relative to the data folder."""
    first, inner, _ = path.partition("/")
    if not inner:
        return "database" if first.startswith(_DATABASE) else "other"
    return "covers" if path.startswith(f"{_COVERS}/") else _FOLDERS.get(first, "other")
