"""Ask the kernel whether a file is open for writing.

    a read lease ─▶ refused: open for writing, by any process, in a container or not    granted: open for writing by none
        └─ not possible (a network share, another owner's file) ─▶ /proc/*/fd of the visible processes ─▶ or unknown

The lease is released at once. A process that opens the file for writing in between waits for that moment, and this process gets
SIGURG, which it ignores, instead of SIGIO, which would end it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from pathlib import Path

# linux/fcntl.h; Python's module has no name for it.
_F_SETSIG = 10
_PROC = Path("/proc")


def open_for_writing(path: Path, *, proc: Path = _PROC) -> bool | None:
    """Return whether any process has the file open for writing; None if unknown. Raises OSError if it cannot be opened."""
    with path.open("rb") as file:
        try:
            fcntl.fcntl(file, _F_SETSIG, signal.SIGURG)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except OSError as error:
            if error.errno == errno.EAGAIN:
                return True
        else:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            return False
        return True if _seen_writing(os.fstat(file.fileno()), proc) else None


def _seen_writing(file: os.stat_result, proc: Path) -> bool:
    for process in proc.iterdir():
        if not process.name.isdecimal():
            continue
        try:
            descriptors = list((process / "fd").iterdir())
        except OSError:
            continue  # the process has ended, or belongs to another user
        if any(_writes(process, each.name, file) for each in descriptors):
            return True
    return False


def _writes(process: Path, number: str, file: os.stat_result) -> bool:
    try:
        there = (process / "fd" / number).stat()
        if (there.st_dev, there.st_ino) != (file.st_dev, file.st_ino):
            return False
        info = (process / "fdinfo" / number).read_text(encoding="ascii")
    except OSError:
        return False
    flags = next((line.split()[1] for line in info.splitlines() if line.startswith("flags:")), "0")
    return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY
