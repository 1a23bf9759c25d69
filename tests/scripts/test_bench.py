"""The benchmarks run: a measure whose imports or calls are out of date would be found only when its figures are needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.__main__ import MEASURES
from tests.running import PROJECT

# `container` needs an engine and minutes of building; tests/container builds the same image.
NAMES = sorted(MEASURES.keys() - {"container"})


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_runs_in_its_quick_form(name: str) -> None:
    command = [sys.executable, "-m", "bench", name, "--quick"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"## {name}" in done.stdout and "| --- |" in done.stdout
