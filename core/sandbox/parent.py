"""Starts a confined process and waits for its end, whatever that is.

    given ─▶ memory file ═ stdin ═▶ python -m module arguments… ═ stdout, stderr ═▶ memory files ─▶ Ended
                                      │ too late, or `check` raises ─▶ the whole group is killed

Memory files in place of pipes: nothing is left on a disk, no thread has to read, and the child's own limit on the size of
files bounds what it can answer.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

from core.sandbox.child import PROJECT, UNFILTERED, UNHELD

log = logging.getLogger(__name__)

# How often `check` is asked, in seconds.
SLICE = 0.25
SAID = 2000
LONGEST_LINE = 4 << 20
# What Python needs to start, and none of this process's secrets.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
# Libraries that start threads as they load: those would be there before the limits are.
_ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# Ends that the given bytes bring about. Others, such as being killed for memory or a broken installation, are not their fault.
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGXCPU, signal.SIGSYS)


@dataclass(frozen=True, slots=True)
class Ended:
    """`code` is the exit status, negative for a signal; `said` the end of stderr; `late`: it was killed when its time was up."""

    code: int
    output: bytes
    said: str
    late: bool = False

    @property
    def crashed(self) -> bool:
        """Whether the bytes it worked on brought it down."""
        return -self.code in _CRASHES


def run(
    module: str,
    *arguments: str,
    given: Iterable[bytes] = (),
    timeout: float,
    check: Callable[[], None] | None = None,
    output: BinaryIO | None = None,
) -> Ended:
    """Runs `python -m module` and blocks until it has ended. `check` is asked a few times a second and raises to end it.

    What it is `given` are the parts of its stdin. What it prints goes to the file `output`, if there is one, and else comes back.
    """
    with ExitStack() as files:
        stdin, stderr = (files.enter_context(_memory_file(name)) for name in ("given", "said"))
        stdout = output or files.enter_context(_memory_file("output"))
        stdin.writelines(given)
        stdin.seek(0)
        process = _start([module, *arguments], stdin, stdout, stderr)
        try:
            late = not _wait(process, timeout, check)
        finally:
            _end(process)
        return Ended(process.returncode, b"" if output else _all(stdout), _tail(stderr), late)


def follow(
    module: str,
    *arguments: str,
    channel: int,
    heard: Callable[[bytes], None],
    timeout: float,
    check: Callable[[], None] | None = None,
) -> Ended:
    """The same, with a descriptor in place of stdin, and each line of its output given to `heard` as it comes.

    What `heard` and `check` raise ends it too.
    """
    with _memory_file("said") as stderr:
        process = _start([module, *arguments], channel, subprocess.PIPE, stderr)
        assert process.stdout
        try:
            with process.stdout as stdout:
                _listen(stdout.fileno(), heard, time.monotonic() + timeout, check or (lambda: None))
            late = not _wait(process, SLICE, None)
        finally:
            _end(process)
        return Ended(process.returncode, b"", _tail(stderr), late)


def _listen(descriptor: int, heard: Callable[[bytes], None], deadline: float, check: Callable[[], None]) -> None:
    """Until the output's end, or the deadline."""
    held = b""
    while time.monotonic() < deadline:
        check()
        if not select.select([descriptor], [], [], SLICE)[0]:
            continue
        block = os.read(descriptor, 1 << 16)
        *lines, held = (held + block).split(b"\n")
        for line in lines:
            heard(line)
        if not block or len(held) > LONGEST_LINE:
            return


class Piped:
    """A confined process that is spoken to while it works: `stdin` and `stdout` are pipes. `close()` ends it, if it runs."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._stderr = _memory_file("said")
        self._process = _start([module, *arguments], subprocess.PIPE, subprocess.PIPE, self._stderr)
        assert self._process.stdin and self._process.stdout
        self.stdin, self.stdout = self._process.stdin, self._process.stdout
        self._ended: Ended | None = None

    def ended(self) -> Ended:
        """Waits for it: for when its output has come to an end."""
        self._process.wait()
        return self.close()

    def close(self) -> Ended:
        """Also a second time."""
        if self._ended is None:
            _end(self._process)
            for pipe in (self.stdin, self.stdout):
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
            self._ended = Ended(self._process.returncode, b"", _tail(self._stderr))
            self._stderr.close()
        return self._ended


def _start(command: Sequence[str], stdin: BinaryIO | int, stdout: BinaryIO | int, stderr: BinaryIO) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C on the server is no verdict on the bytes, and one kill reaches all of it.
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | _ALONE,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def _wait(process: subprocess.Popen[bytes], timeout: float, check: Callable[[], None] | None) -> bool:
    """Whether it ended by itself in time."""
    deadline = time.monotonic() + timeout
    while (left := deadline - time.monotonic()) > 0:
        try:
            process.wait(min(left, SLICE) if check else left)
            return True
        except subprocess.TimeoutExpired:
            if check:
                check()
    return process.poll() is not None


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _memory_file(name: str) -> BinaryIO:
    return os.fdopen(os.memfd_create(name), "w+b")


def _all(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _tail(file: BinaryIO) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    first = file.readline(SAID).decode("utf-8", "replace")
    if UNFILTERED in first or UNHELD in first:
        _warn(first.strip())
    file.seek(max(size - SAID, 0))
    return file.read().decode("utf-8", "replace")


@cache
def _warn(why: str) -> None:
    """Once: it is the same for every child on this computer."""
    log.warning("what comes from outside is worked on with limits, but %s", why)
