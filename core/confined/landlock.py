"""Holds a process to one folder for all that it writes, by the kernel's Landlock (Linux 5.13 and later).

    ruleset: every way to make, change or remove a file ─▶ allowed below the folder ─▶ laid on this process for good

Like the filter of system calls it needs no privilege, and is never lifted again. What was open before stays open.
https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
# Write, remove a folder or a file, and make any of the seven kinds of files.
_WRITES = 1 << 1 | sum(1 << bit for bit in range(4, 13))
# Moving between folders came with the second version, cutting short with the third.
_REFER, _TRUNCATE = 1 << 13, 1 << 14


def hold_to(folder: Path) -> None:
    """Lays it on this process and the threads that it will start. Raises OSError where that is not possible."""
    version = _call(_CREATE, None, 0, _VERSION)
    writes = _WRITES | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    ruleset = _call(_CREATE, struct.pack("Q", writes), 8, 0)
    try:
        room = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        try:
            _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", writes, room), 0)
        finally:
            os.close(room)
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _call(number: int, *arguments: bytes | int | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    passed = [a if isinstance(a, bytes) or a is None else ctypes.c_long(a) for a in arguments]
    result: int = libc.syscall(ctypes.c_long(number), *passed)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
