"""What a confined process does to itself, once its modules are loaded and before it meets the first foreign byte.

    enter() ─▶ dies with its parent ─▶ memory, CPU time, file size, open files limited ─▶ system calls refused (seccomp)
                                                                          a folder to keep files in? ─▶ held to it (Landlock)

From then on it can read files and write to what it was given, and nothing else: no socket, no new process, no file to write
but in that folder.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Collection
from pathlib import Path

from core.confined import landlock, seccomp

UNFILTERED = "without a filter of system calls"
UNHELD = "not held to its folder"
OPEN_FILES = 64
_PR_SET_PDEATHSIG = 1


def enter(
    *,
    memory: int,
    cpu_seconds: int,
    written: int = 1 << 20,
    nice: int = 5,
    allowed: Collection[str] = (),
    keeps: Path | None = None,
) -> None:
    """Limits this process for the rest of its life: `memory` and `written` (its output, all in all) in bytes.

    `allowed` are system calls that the filter would refuse otherwise. `keeps`: the one folder in which it may make, change and
    remove files, each of `written` bytes at most.
    Where the kernel takes no filter, that is said on stderr, and the limits hold alone.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # SIGXCPU first, which names the reason; SIGKILL for whoever ignores it.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 2))
    os.nice(nice)
    try:
        seccomp.refuse(allowed=allowed, keeps_files=keeps is not None)
    except OSError as error:
        sys.stderr.write(f"{UNFILTERED}: {error}\n")
    if keeps:
        try:
            landlock.hold_to(keeps)
        except OSError as error:
            sys.stderr.write(f"{UNHELD}: {error}\n")
