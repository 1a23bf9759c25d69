"""`make fuzz`: bytes that nobody thought of, given to the parsers of foreign documents.

    python -m tests.fuzz [target …] [--seconds 60] [--seed N]      each target for so long; a find is written to build/fuzz

With atheris installed the mutations follow the code that they reach; without it they are blind, and faster to begin.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path

from tests.fuzz.mutation import Mutator, attempt
from tests.fuzz.targets import TARGETS, Target

FINDS = Path(__file__).resolve().parents[2] / "build" / "fuzz"


def blind(target: Target, seconds: float, seed: int) -> tuple[int, list[tuple[bytes, str]]]:
    """How many inputs were tried in that time, and the finds: one a kind."""
    mutator, until, tried = Mutator(target.seeds, target.words, seed), time.monotonic() + seconds, 0
    finds: dict[str, bytes] = {}
    while time.monotonic() < until:
        data = mutator.next()
        wrong = attempt(target, data)
        tried += 1
        if wrong and (wrong not in finds or len(data) < len(finds[wrong])):
            finds[wrong] = data
    return tried, [(data, wrong) for wrong, data in finds.items()]


def guided(target: Target, seconds: float, seed: int) -> None:
    """Run the fuzzer, which never returns: it prints its finding and exits."""
    import atheris

    atheris.instrument_all()
    FINDS.mkdir(parents=True, exist_ok=True)
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={seconds:.0f}", f"-seed={seed}", f"-artifact_prefix={FINDS}/"],
        target.run,
    )
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzzes the parsers of foreign documents.")
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all when none is named")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", action="store_true", help="by atheris, which must be installed; one target")
    given = parser.parse_args()
    if given.guided:
        guided(TARGETS[given.targets[0]], given.seconds, given.seed)
    found = 0
    for name in given.targets or TARGETS:
        tried, finds = blind(TARGETS[name], given.seconds, given.seed)
        print(f"{name}: {tried} inputs, {len(finds)} finds", flush=True)
        for data, wrong in finds:
            path = FINDS / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"  {wrong}\n  {path}", flush=True)
        found += len(finds)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
