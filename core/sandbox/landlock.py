"""Restrict a process to the files that it needs, by the kernel's Landlock (Linux 5.13 and later).

    ruleset: every way to read, run, make, change or remove a file ─▶ allowed for its own code, its input, its folder
                                                                  ─▶ applied to this process for good

Rights of newer kernels are restricted as well: truncation, device ioctls, TCP, signals to processes outside, and their abstract
sockets. Like the filter of system calls, the ruleset needs no privilege and cannot be lifted again. Files that were open before
stay open, and names, sizes and dates of files can still be read.
https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READS = _READ_FILE | _READ_DIR
# The rights to remove a folder or a file, and to make any of the seven kinds of files.
_CHANGES = sum(1 << bit for bit in range(4, 13))
# Moving between folders came with version 2, truncation with 3, device ioctls with 5.
_REFER, _TRUNCATE, _IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_TCP, _TCP_SINCE = 1 | 2, 4
_SCOPES, _SCOPES_SINCE = 1 | 2, 6
# The rights that apply to single files.
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE

# The folders of libraries, and the files that libraries read while they work.
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/lib")
LOOKED_UP = (
    "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random",
    "/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo",
)  # fmt: skip


def version() -> int:
    """Return the version of the kernel's Landlock. Raises OSError if the kernel has none, or it is switched off."""
    return _call(_CREATE, None, 0, _VERSION)


def available() -> bool:
    try:
        return version() > 0
    except OSError:
        return False


def hold(*, code: Iterable[Path], reads: Iterable[Path], keeps: Path | None = None, runs: Path | None = None) -> None:
    """Apply the ruleset to this process and the threads that it will start. Raises OSError if that is not possible.

    `code`: folders of Python code. `reads`: its input files. `keeps`: the folder that it may change. `runs`: the program that
    it may exec. Missing paths are skipped.
    """
    known = version()
    libraries = _READS | (_EXECUTE if runs else 0)
    ruleset = _ruleset(known)
    try:
        for path in map(Path, LIBRARIES):
            _allow(ruleset, path, libraries)
        for path in (*map(Path, LOOKED_UP), *code, *reads):
            _allow(ruleset, path, _READS)
        if runs:
            _allow(ruleset, runs, _READS | _EXECUTE)
        if keeps:
            _allow(ruleset, keeps, _READS | _writes(known))
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def own_code(project: Path) -> list[Path]:
    """Return the folders that this interpreter imports from: the standard library, the packages, and the project's `core`.

    The project's own folder is left out, because it holds the data folder too.
    """
    known = [Path(entry).resolve() for entry in sys.path if entry]
    return [*(path for path in known if path != project and path not in project.parents), project / "core"]


def _ruleset(known: int) -> int:
    handled = _EXECUTE | _READS | _writes(known) | (_IOCTL_DEVICE if known >= 5 else 0)
    # struct landlock_ruleset_attr, in the length that this kernel's version has.
    attributes = struct.pack("Q", handled)
    if known >= _TCP_SINCE:
        attributes += struct.pack("Q", _TCP)
    if known >= _SCOPES_SINCE:
        attributes += struct.pack("Q", _SCOPES)
    return _call(_CREATE, attributes, len(attributes), 0)


def _writes(known: int) -> int:
    return _WRITE_FILE | _CHANGES | (_REFER if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        allowed = rights if stat.S_ISDIR(os.fstat(place).st_mode) else rights & _OF_FILES
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", allowed, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: bytes | int | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    passed = [a if isinstance(a, bytes) or a is None else ctypes.c_long(a) for a in arguments]
    result: int = libc.syscall(ctypes.c_long(number), *passed)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
