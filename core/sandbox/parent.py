"""Start a confined process and wait for its end, however it ends.

    given ─▶ memory file ═ stdin ═▶ python -m module arguments… ═ stdout, stderr ═▶ memory files ─▶ Ended
                                      │ timeout, or `check` raises ─▶ the whole process group is killed

Memory files replace pipes: nothing is left on a disk, no thread has to read, and the child's own limit of file size bounds
its output.
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

# Seconds between two calls of `check`.
SLICE = 0.25
SAID = 2000
LONGEST_LINE = 4 << 20
# The variables that Python needs to start, without this process's secrets.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
# Keep libraries from starting threads as they load: such threads would run before the limits apply.
_ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# Signals caused by the input. Other ends (killed for lack of memory, a broken installation) are not the input's fault.
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGXCPU, signal.SIGSYS)


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a process. `code`: exit status, negative for a signal; `said`: end of stderr; `late`: killed by the timeout."""

    code: int
    output: bytes
    said: str
    late: bool = False

    @property
    def crashed(self) -> bool:
        """Whether its input crashed it."""
        return -self.code in _CRASHES


def run(
    module: str,
    *arguments: str,
    given: Iterable[bytes] = (),
    timeout: float,
    check: Callable[[], None] | None = None,
    output: BinaryIO | None = None,
) -> Ended:
    """Run `python -m module` and block until it has ended. `check` is called a few times a second; it raises to end the process.

    `given`: the parts of its stdin. `output`: a file for its stdout; without one, Ended holds the output. `timeout`: seconds.
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
    """Run the module with `channel`, a descriptor, as stdin, and call `heard` with each line of its output as it arrives.

    An exception of `heard` or `check` ends the process too.
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
    """Pass lines to `heard` until the end of the output or the deadline."""
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
    """A confined process with pipes as `stdin` and `stdout`, to talk to while it works. `close()` ends it if it still runs."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._stderr = _memory_file("said")
        self._process = _start([module, *arguments], subprocess.PIPE, subprocess.PIPE, self._stderr)
        assert self._process.stdin and self._process.stdout
        self.stdin, self.stdout = self._process.stdin, self._process.stdout
        self._ended: Ended | None = None

    def ended(self) -> Ended:
        """Wait for the process to end; call it after the end of its output."""
        self._process.wait()
        return self.close()

    def close(self) -> Ended:
        """End the process and close its pipes; may be called again."""
        if self._ended is None:
            _end(self._process)
            for pipe in (self.stdin, self.stdout):
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
            self._ended = Ended(self._process.returncode, b"", _tail(self._stderr))
            self._stderr.close()
        return self._ended


def _start(command: Sequence[str], stdin: BinaryIO | int, stdout: BinaryIO | int, stderr: BinaryIO) -> subprocess.Popen[bytes]:
    # A new session: Ctrl-C on the server must not count as a crash by the input, and one kill reaches the whole group.
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
    """Return whether the process ended by itself within `timeout` seconds."""
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
    """Log the warning once: it is the same for every child on this computer."""
    log.warning("what comes from outside is worked on with limits, but %s", why)
