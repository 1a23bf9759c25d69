"""Begin one more upload while many unfinished ones exist.

a folder with many notes and parts ─▶ Resumable.create, repeatedly ─▶ slowest, median, and first after a start
"""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from core.sources.uploads.resumable import MOST_UNFINISHED, Resumable

ROUNDS = 50


def measure(folder: Path, quick: bool) -> Iterator[str]:
    yield "| waiting | first after a start (ms) | median (ms) | slowest (ms) |"
    yield "| --- | --- | --- | --- |"
    for count in (10, 100) if quick else (10, 100, MOST_UNFINISHED - 1):
        place = folder / f"{count}"
        _fill(place, count)
        uploads = Resumable(place, lambda: (1 << 40, 0))
        uploads.recover()
        first, *others = [_time(uploads, number) for number in range(5 if quick else ROUNDS)]
        yield f"| {count} | {first:.1f} | {statistics.median(others):.1f} | {max(others):.1f} |"


def _time(uploads: Resumable, number: int) -> float:
    began = time.perf_counter()
    made = uploads.create(1000, {"filename": "talk.wav", "fingerprint": f"new {number}"})
    took = (time.perf_counter() - began) * 1000
    uploads.remove(made.id)
    return took


def _fill(folder: Path, count: int) -> None:
    """Begin one real upload, and copy it under other names."""
    first = Resumable(folder, lambda: (1 << 40, 0)).create(1000, {"filename": "talk.wav"})
    part, note = folder / f"{first.id}.part", folder / f"{first.id}.part.json"
    said = json.loads(note.read_text())
    part.unlink()
    note.unlink()
    for number in range(count):
        part = folder / f"{uuid.uuid4().hex}.part"
        part.write_bytes(b"a")
        part.with_name(f"{part.name}.json").write_text(json.dumps(said | {"words": {"fingerprint": f"{number}|talk"}}))
