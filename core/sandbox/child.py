"""Confine the current process, once its modules are loaded and before it reads the first untrusted byte.

    enter() ─▶ die with the parent ─▶ limit memory, CPU time, file size, open files
            ─▶ restrict to its files (Landlock) ─▶ restrict to its system calls (seccomp)

From then on the process can read its own code and the files it was asked to read, and write to the descriptors it was given.
It can do nothing else: no socket, no new process, no lock, no change of a file's attributes, no other file to read, none to
write except in a folder that it was given.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from core.sandbox import landlock, seccomp

UNFILTERED = "without a filter of system calls"
UNHELD = "not held to the files that it needs"
PROJECT = Path(__file__).resolve().parent.parent.parent
OPEN_FILES = 64
LOCKED = 64 << 10
_PR_SET_PDEATHSIG = 1


def enter(
    *,
    memory: int,
    cpu_seconds: int,
    written: int = 1 << 20,
    nice: int = 5,
    reads: Iterable[Path] = (),
    keeps: Path | None = None,
    becomes: Path | None = None,
    speaks: bool = False,
) -> None:
    """Limit this process for the rest of its life: `memory` and `written` (its whole output) in bytes.

    `reads`: the files or folders that it works on. `keeps`: the one folder in which it may make, change and remove files, each
    of `written` bytes at most. `becomes`: the program that it may exec. `speaks`: it is given connections to use.
    If the kernel lacks Landlock or seccomp, that is reported on stderr and the other limits still apply.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, _lockable()),
    ):
        resource.setrlimit(what, (most, most))
    # SIGXCPU first, which names the reason; SIGKILL for a process that ignores it.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 2))
    os.nice(nice)
    said = []
    try:
        _hold_to_files(reads, keeps, becomes)
    except OSError as error:
        said.append(f"{UNHELD}: {error}")
    try:
        seccomp.hold(pid=os.getpid(), keeps_files=keeps is not None, speaks=speaks, becomes=becomes is not None)
    except OSError as error:
        said.append(f"{UNFILTERED}: {error}")
    if said:
        sys.stderr.write(f"{'; '.join(said)}\n")


def _lockable() -> int:
    """Return how many bytes may be locked in memory: the cipher libraries of some ffmpeg builds lock a page or two."""
    _, most = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    return LOCKED if most == resource.RLIM_INFINITY else min(LOCKED, most)


def _hold_to_files(reads: Iterable[Path], keeps: Path | None, becomes: Path | None) -> None:
    # Threads that libraries have already started would not be restricted.
    if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 (as short as can be, before the first foreign byte)
        raise OSError("threads run already")
    landlock.hold(code=landlock.own_code(PROJECT), reads=reads, keeps=keeps, runs=becomes)
