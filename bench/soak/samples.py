"""What is measured each minute of a soak, in a CSV that bears a kill: only whole lines are read."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """`at`: seconds of running, over all parts of the run. Sizes are bytes; `errors` and `failed` count from the beginning."""

    at: float
    server_memory: int
    all_memory: int
    threads: int
    descriptors: int
    database: int
    logs: int
    media: int
    episodes: int
    done: int
    failed: int
    reads: int
    errors: int

    @staticmethod
    def head() -> str:
        heads = (
            "hours",
            "server MB",
            "with workers MB",
            "threads",
            "descriptors",
            "database MB",
            "logs MB",
            "episodes",
            "errors",
        )
        return f"| {' | '.join(heads)} |\n| {' | '.join('---' for _ in heads)} |"

    def row(self) -> str:
        cells = (
            f"{self.at / 3600:.2f}",
            *(f"{each / 1e6:.1f}" for each in (self.server_memory, self.all_memory)),
            *map(str, (self.threads, self.descriptors)),
            *(f"{each / 1e6:.2f}" for each in (self.database, self.logs)),
            *map(str, (self.episodes, self.errors)),
        )
        return f"| {' | '.join(cells)} |"


NAMES = [field.name for field in fields(Sample)]


class Samples:
    """The samples of a folder. A run that goes on there continues their clock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        before = self.read()
        self._offset = before[-1].at if before else 0.0

    def add(self, sample: Sample) -> None:
        new = not self._path.exists()
        values = asdict(sample) | {"at": round(sample.at + self._offset, 1)}
        with self._path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, NAMES)
            if new:
                writer.writeheader()
            writer.writerow(values)

    def read(self) -> list[Sample]:
        if not self._path.exists():
            return []
        text = self._path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        rows = [row for row in csv.DictReader(whole.splitlines()) if None not in row.values()]
        return [Sample(float(row["at"]), **{name: int(row[name]) for name in NAMES[1:]}) for row in rows]
