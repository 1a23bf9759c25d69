"""Leave CastMind running for hours, as in a home, and print what grows: `make soak HOURS=24`, or python -m bench.soak.

podcast host (real HTTP) ─▶ CastMind ◀─ readers, uploads, deletes, backups        each minute ─▶ samples.csv ─▶ each hour a row
                                                                                                             └─▶ slopes per hour

A run that was ended goes on in the same folder: the library and the samples are kept. Ctrl-C ends it with its table.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from bench.__main__ import machine
from bench.soak.house import House
from bench.soak.samples import Sample, Samples
from bench.soak.slopes import table

HOUR = 3600.0
SAMPLE_SECONDS = 60.0
# Caches, models and the first backups fill up before that.
WARM_UP_SECONDS = 1800.0


def run(folder: Path, *, seconds: float, pace: float, sample_seconds: float = SAMPLE_SECONDS) -> Samples:
    """Run until the time is over; `pace` is how many times faster than in a home things happen."""
    samples = Samples(folder / "samples.csv")
    with House(folder, pace=pace) as house:
        print(Sample.head(), flush=True)
        began = time.monotonic()
        due, told = began, 0.0
        while time.monotonic() - began < seconds:
            house.step()
            now = time.monotonic()
            if now >= due:
                due += sample_seconds
                taken = house.sample(now - began)
                samples.add(taken)
                if now - began >= told:
                    told += min(HOUR, seconds / 6)
                    print(taken.row(), flush=True)
            time.sleep(max(0.0, 1.0 / house.reads_per_second - (time.monotonic() - now)))
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--folder", type=Path, default=Path("artifacts/soak"))
    parser.add_argument("--pace", type=float, default=1.0, help="how many times faster than in a home things happen")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    print(f"Machine: {machine()}\n", flush=True)
    try:
        run(arguments.folder, seconds=arguments.hours * HOUR, pace=arguments.pace)
    except KeyboardInterrupt:
        print("\nended by hand")
    rows = Samples(arguments.folder / "samples.csv").read()
    print("\n" + "\n".join(table(rows, warm_up=WARM_UP_SECONDS)))


if __name__ == "__main__":
    main()
