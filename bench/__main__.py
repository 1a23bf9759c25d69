"""Measure on this machine and print tables for docs/benchmarks.md: `python -m bench [names] [--quick]`.

Every ratio comes from one run in which both sides alternate; a figure from another machine or day proves nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.feeds import polling
from bench.reading import feel, library, opening, search
from bench.server import access, container, load, logs, memory, replicating, scrape, start, unfinished
from bench.speech import hearing, transcription

Measure = Callable[[Path, bool], Iterator[str]]
MEASURES: dict[str, Measure] = {
    "start": start.measure,
    "memory": memory.measure,
    "transcription": transcription.measure,
    "hearing": hearing.measure,
    "container": container.measure,
    "library": library.measure,
    "load": load.measure,
    "feel": feel.measure,
    "opening": opening.measure,
    "search": search.measure,
    "feeds": polling.measure,
    "unfinished": unfinished.measure,
    "access": access.measure,
    "scrape": scrape.measure,
    "logs": logs.measure,
    "replicating": replicating.measure,
}


def machine() -> str:
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    size = f"{os.cpu_count()} cores, {memory_gb:.0f} GB"
    return f"{processor}, {size}, Python {platform.python_version()}, commit {commit or 'unknown'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*MEASURES, []], help="what to measure; everything unless named")
    parser.add_argument("--quick", action="store_true", help="smaller inputs: shows that it runs, not what it takes")
    arguments = parser.parse_args()
    print(f"Machine: {machine()}{' (quick: not for the record)' if arguments.quick else ''}", flush=True)
    for name in arguments.names or MEASURES:
        print(f"\n## {name}\n", flush=True)
        with tempfile.TemporaryDirectory(prefix="castmind-bench-") as folder:
            for line in MEASURES[name](Path(folder), arguments.quick):
                print(line, flush=True)


if __name__ == "__main__":
    main()
