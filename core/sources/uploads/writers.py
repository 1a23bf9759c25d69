"""Whether somebody still writes to a file, by what the kernel knows of it.

    a read lease ─▶ refused: it is open for writing, whoever has it, in a container or not    granted: by nobody
        └─ not to be had (a network share, another owner's file) ─▶ /proc/*/fd of the processes that can be seen ─▶ or unknown

A lease is let go at once. Who opens the file to write in between is kept waiting for that moment, and this process gets SIGURG,
which it ignores, in place of SIGIO, which would end it.
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
    """None: nobody is known to, but it cannot be told for sure. Raises OSError when the file cannot be opened."""
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
            continue  # it has ended, or is somebody else's
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
