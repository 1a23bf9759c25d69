"""Python programs of the tests, forked from a process that has imported CastMind's modules: a start of CastMind imports 1,700.

test process ── arguments, environment, files ──▶ warm parent, one thread ── fork ──▶ `python castmind_app.py`
      ▲                                               │ waits for its children
      └────── pid; at the end the exit status ────────┘

A forked program has a pid to kill it by, an environment and files of its own, and runs as `__main__` to the end of its
interpreter, as one that was started. It differs in its parent, in its command line in /proc, and in its memory, which it shares
with its parent: a test that measures memory or the time of a start starts its program anew.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

PROJECT = Path(__file__).resolve().parent.parent
# What castmind_app.py imports, and what its server imports for the first requests. No module of CastMind reads the environment
# when it is imported; those that import numpy are left out, since that starts threads.
WARM = (
    "core.app",
    "core.api.routes",
    "core.api.server.answer_cache",
    "core.api.server.browser_name",
    "core.api.server.foreign_errors",
    "core.api.server.sockets",
    "pages.rescue.page",
    "pydantic.v1",
    "streamlit.web.bootstrap",
    "streamlit.web.server.starlette.starlette_agent_routes",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)


class ForkedProcess:
    """A program of the warm parent, with the methods of subprocess.Popen. `line` brings its pid and its exit status."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._answers = line.makefile("r")
        self.pid = self._read()
        self._status: int | None = None

    def _read(self) -> int:
        if not (answer := self._answers.readline()):
            raise AssertionError("the warm parent of the tests' programs has ended")
        return int(answer)

    def poll(self) -> int | None:
        """The exit status, or minus the number of the signal that ended it; None while it runs."""
        if self._status is None and select.select([self._line], [], [], 0)[0]:
            self._status = self._read()
            self._leave()
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        """The exit status as of `poll`, at the latest after `timeout` seconds. Raises subprocess.TimeoutExpired."""
        if self._status is None:
            select.select([self._line], [], [], timeout)
        if (status := self.poll()) is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def _leave(self) -> None:
        self._answers.close()
        self._line.close()

    def __del__(self) -> None:
        self._leave()


class WarmParent:
    """Starts with its first program, and ends with the process that made it; its programs run on, as children of Popen do."""

    def __init__(self) -> None:
        self._alone = threading.Lock()
        self._port: socket.socket | None = None

    def start(self, *arguments: str, env: Mapping[str, str], stdout: BinaryIO, stderr: BinaryIO) -> ForkedProcess:
        """`python` with these arguments (a script, or -m and a module), in the project's folder and with an empty stdin."""
        ours, theirs = socket.socketpair()
        with theirs, self._alone:
            self._port = self._port or _begin()
            socket.send_fds(self._port, [b"."], [theirs.fileno(), stdout.fileno(), stderr.fileno()])
        ours.sendall(json.dumps([arguments, dict(env)]).encode() + b"\n")
        return ForkedProcess(ours)


PARENT = WarmParent()
"""That of this process."""


def _begin() -> socket.socket:
    """Start a warm parent, and return the line to it. It ends when that is closed."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


class _Children:
    """The warm parent's view of its children: a handle of each process, its pid, and the line to the test that asked for it."""

    def __init__(self) -> None:
        self.running: dict[int, tuple[int, socket.socket]] = {}

    def add(self, pid: int, line: socket.socket) -> None:
        self.running[os.pidfd_open(pid)] = pid, line
        _say(line, pid)

    def reap(self, handle: int) -> None:
        pid, line = self.running.pop(handle)
        _, status = os.waitpid(pid, 0)
        _say(line, os.waitstatus_to_exitcode(status))
        line.close()
        os.close(handle)

    def forget(self) -> None:
        """In a new child, whose brothers these are."""
        for handle, (_, line) in self.running.items():
            line.close()
            os.close(handle)


def _say(line: socket.socket, number: int) -> None:
    # A test that is over no longer listens.
    with suppress(BrokenPipeError):
        line.sendall(f"{number}\n".encode())


def serve(port: socket.socket) -> list[str]:
    """In the warm parent: fork a child for each request, to the end. Returns in the children alone: the arguments of each."""
    children = _Children()
    while True:
        for handle in select.select([port.fileno(), *children.running], [], [])[0]:
            if handle != port.fileno():
                children.reap(handle)
            elif (arguments := _answer(port, children)) is not None:
                return arguments


def _answer(port: socket.socket, children: _Children) -> list[str] | None:
    """Take a request and fork its child. Returns the arguments in that; None in the parent."""
    _, files, _, _ = socket.recv_fds(port, 1, 3)
    if not files:
        sys.exit()
    line = socket.socket(fileno=files[0])
    with line.makefile("r") as request:
        told: tuple[list[str], dict[str, str]] = json.loads(request.readline())
    if pid := os.fork():
        children.add(pid, line)
        os.close(files[1])
        os.close(files[2])
        return None
    children.forget()
    port.close()
    line.close()
    arguments, env = told
    _become(env, *files[1:])
    return arguments


def _become(env: dict[str, str], stdout: int, stderr: int) -> None:
    """Give this process the environment and the files of its program."""
    for source, target in ((stdout, 1), (stderr, 2)):
        os.dup2(source, target)
        os.close(source)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def run(arguments: Sequence[str]) -> dict[str, Any]:
    """As `python` does with these arguments."""
    module = arguments[0] == "-m"
    sys.argv = list(arguments[1:] if module else arguments)
    if module:
        return runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    return runpy.run_path(str(PROJECT / sys.argv[0]), run_name="__main__")


def warm_up() -> None:
    # Ctrl-C is for the tests, and for the programs.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    for name in WARM:
        import_module(name)
    # A collection in a child would copy all that it shares with this process.
    gc.freeze()
    gc.enable()
    threads = list(Path("/proc/self/task").iterdir())
    assert len(threads) == 1, f"a process with {len(threads)} threads cannot be forked safely"


if __name__ == "__main__":
    warm_up()
    run(serve(socket.socket(fileno=int(sys.argv[1]))))
