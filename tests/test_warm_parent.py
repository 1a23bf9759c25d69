"""Forked programs are as those that `python` starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import Process, wait_for
from tests.warm_parent import PARENT, PROJECT

LOOK = """
import json, os, sys, threading
print(json.dumps({
    "name": __name__, "file": __file__, "arguments": sys.argv[1:], "path": sys.path[0], "folder": os.getcwd(),
    "environment": dict(os.environ), "stdin": sys.stdin.read(), "threads": len(os.listdir("/proc/self/task")),
    "files": sorted(os.readlink(f"/proc/self/fd/{number}") for number in (0, 1, 2)),
    "more files": [number for number in range(3, 64) if os.path.exists(f"/proc/self/fd/{number}")],
}))
"""


def popen(*arguments: str, env: dict[str, str], stdout: Any, stderr: Any) -> Process:
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=PROJECT, env=env, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
    )


class Program:
    """A script in its own folder, and its output."""

    def __init__(self, folder: Path, code: str) -> None:
        self.script, self.said = folder / "program.py", folder / "said.txt"
        self.script.write_text(code)

    def start(self, *arguments: str, start: Callable[..., Any] = PARENT.start) -> Any:
        with self.said.open("wb") as said:
            return start(str(self.script), *arguments, env=os.environ | {"OF_THE_TEST": "1"}, stdout=said, stderr=said)

    def ended(self, *arguments: str, start: Callable[..., Any] = PARENT.start) -> int:
        return int(self.start(*arguments, start=start).wait(60))


def test_a_program_sees_what_it_sees_when_python_starts_it(tmp_path: Path) -> None:
    program = Program(tmp_path, LOOK)
    seen = []
    for start in (popen, PARENT.start):
        assert program.ended("one", "two", start=start) == 0
        seen.append(json.loads(program.said.read_text()))
    started, forked = seen
    # `python` puts the script's folder first, and the warm parent that of the project: they are the same for CastMind.
    assert forked.pop("path") == str(PROJECT)
    del started["path"]
    assert forked == started


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(7)",
        "raise SystemExit('a sentence')",
        "1 / 0",
        "raise KeyboardInterrupt",
        "import atexit; atexit.register(print, 'at the end')",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import threading; threading.Timer(0.01, print, ['a thread is waited for']).start()",
    ],
)
def test_it_ends_as_one_that_was_started(tmp_path: Path, code: str) -> None:
    program = Program(tmp_path, code)
    ends = []
    for start in (popen, PARENT.start):
        status = program.ended(start=start)
        ends.append((status, program.said.read_text().splitlines()[-1:]))
    assert ends[0] == ends[1]


def test_a_module_runs_as_a_program(tmp_path: Path) -> None:
    with (tmp_path / "said.txt").open("wb") as said:
        process = PARENT.start("-m", "json.tool", "--help", env=os.environ, stdout=said, stderr=said)
    assert process.wait(60) == 0
    assert (tmp_path / "said.txt").read_text().startswith("usage:")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_reaches_one_program_and_not_its_brother(tmp_path: Path, number: signal.Signals) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    code = "print('runs', flush=True)\nimport signal\nwhile True: signal.pause()"
    programs = Program(first, code), Program(second, code)
    processes = [program.start() for program in programs]
    for program in programs:
        wait_for(lambda program=program: program.said.read_text(), pause=0.01)
    processes[0].send_signal(number)
    assert processes[0].wait(60) == -number
    assert processes[1].poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        processes[1].wait(0)
    processes[1].send_signal(signal.SIGKILL)
    assert processes[1].wait(60) == -signal.SIGKILL
    for process in processes:
        process.send_signal(signal.SIGKILL)  # of one that has ended, as with Popen
        assert not Path(f"/proc/{process.pid}").exists()
