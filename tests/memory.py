"""How much memory a function takes, measured in a process of its own.

`peak(function, *args)` ─▶ python -m tests.memory module:function args ─▶ bytes, and those of the largest process that it started

In the process of the tests other threads allocate as well, and garbage of the tests before waits there to be collected.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def peak(function: Callable[..., object], *args: Any) -> int:
    """The most bytes that Python held allocated during `function(*args)`. A function of a module; arguments that JSON can say."""
    return _apart(function, *args)[0]


def peak_of_children(function: Callable[..., object], *args: Any) -> int:
    """The most bytes that a process started by `function(*args)` had in memory."""
    return _apart(function, *args)[1]


def _apart(function: Callable[..., object], *args: Any) -> tuple[int, int]:
    name = f"{function.__module__}:{function.__qualname__}"
    command = [sys.executable, "-m", "tests.memory", name, json.dumps(args)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    own, children = done.stdout.splitlines()[-1].split()
    return int(own), int(children)


def _measured(name: str, args: list[Any]) -> tuple[int, int]:
    module, _, function = name.partition(":")
    run = getattr(importlib.import_module(module), function)
    tracemalloc.start()
    run(*args)
    return tracemalloc.get_traced_memory()[1], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


if __name__ == "__main__":
    print(*_measured(sys.argv[1], json.loads(sys.argv[2])))
