"""Runs browser tests that failed once more, by themselves:  python -m scripts.second_try

    the last run ─▶ came to its end? at most three failed, all in tests/browser? ─▶ pytest, one process ─▶ its verdict
                                   no ─▶ 1: nothing is tried, the failures stand

Two browsers on two busy cores can make a test wait in vain for what comes in time elsewhere. What fails twice is a fault, and
so is what failed among others too often to be chance. The first run's report stays above this one's: it is worth reading.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from scripts.pins import PROJECT

CACHE = PROJECT / ".pytest_cache" / "v"
AT_MOST = 3
FOLDER = "tests/browser/"


def failures() -> list[str]:
    """The names of the tests that failed in the last run; empty when it was broken off, for then they are not all of them."""
    if _kept("castmind/ended") != pytest.ExitCode.TESTS_FAILED:
        return []
    return sorted(_kept("cache/lastfailed") or {})


def _kept(name: str) -> Any:
    """What the last run kept, see tests/conftest.py; None when there is nothing."""
    try:
        return json.loads((CACHE / name).read_text("utf-8"))
    except FileNotFoundError:
        return None


def main() -> int:
    tests = failures()
    if not tests or len(tests) > AT_MOST or not all(name.startswith(FOLDER) and "::" in name for name in tests):
        print(f"No second try: {len(tests)} failed, and only up to {AT_MOST} in {FOLDER} are given one.")
        return 1
    print("Failed beside others, tried again alone:", *tests, sep="\n  ", flush=True)
    return subprocess.run([sys.executable, "-m", "pytest", "-ra", *tests], cwd=PROJECT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
