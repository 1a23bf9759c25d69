"""A filter of system calls that a process lays on itself: the kernel then refuses what no decoder needs.

    architecture known? ─▶ foreign ABI? ─▶ a way out, a new process, another process, a change to files? ─▶ EPERM
                                          thread? file opened to read? all the rest ─▶ allowed

It needs no privilege (`no_new_privs`), so it works for an ordinary user and in a container without capabilities, and it is
never lifted again. The classic BPF program is put together here: ten kinds of instructions are less than a library.
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_ERRNO = 0x00050000
# Offsets in struct seccomp_data: number, architecture, the low halves of the arguments.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_CLONE_THREAD = 0x00010000
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# Numbers that all architectures share, as all newer calls do.
_SHARED = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430, "pidfd_open": 434,
    "pidfd_getfd": 438, "mount_setattr": 442, "fchmodat2": 452,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Architecture:
    """`audit` is the kernel's name for it, `refused` system calls by name, the rest those whose arguments decide.

    `foreign`: numbers from here on belong to another ABI that the same kernel serves.
    """

    audit: int
    seccomp: int
    refused: Mapping[str, int]
    clone: int
    openat: int
    tgkill: int
    open: int | None = None
    foreign: int | None = None


ARCHITECTURES: Mapping[str, Architecture] = {
    "x86_64": Architecture(
        0xC000003E,
        317,
        {
            "socket": 41, "connect": 42, "bind": 49, "listen": 50, "socketpair": 53,
            "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
            "kill": 62, "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "ptrace": 101,
            "process_vm_readv": 310, "process_vm_writev": 311, "prlimit64": 302, "setrlimit": 160,
            "creat": 85, "truncate": 76, "rename": 82, "renameat": 264, "renameat2": 316, "unlink": 87, "unlinkat": 263,
            "rmdir": 84, "mkdir": 83, "mkdirat": 258, "mknod": 133, "mknodat": 259, "link": 86, "linkat": 265, "symlink": 88,
            "symlinkat": 266, "chmod": 90, "fchmod": 91, "fchmodat": 268, "chown": 92, "fchown": 93, "lchown": 94,
            "fchownat": 260, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
            "open_by_handle_at": 304, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "add_key": 248,
            "request_key": 249, **_SHARED,
        },
        clone=56, openat=257, tgkill=234, open=2, foreign=0x40000000,
    ),
    "aarch64": Architecture(
        0xC00000B7,
        277,
        {
            "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "connect": 203, "execve": 221, "execveat": 281,
            "kill": 129, "tkill": 130, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "ptrace": 117,
            "process_vm_readv": 270, "process_vm_writev": 271, "prlimit64": 261, "setrlimit": 164,
            "truncate": 45, "renameat": 38, "renameat2": 276, "unlinkat": 35, "mkdirat": 34, "mknodat": 33, "linkat": 37,
            "symlinkat": 36, "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "mount": 40, "umount2": 39,
            "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268, "open_by_handle_at": 265, "bpf": 280,
            "perf_event_open": 241, "userfaultfd": 282, "keyctl": 219, "add_key": 217, "request_key": 218, **_SHARED,
        },
        clone=220, openat=56, tgkill=131,
    ),
}  # fmt: skip
# What a process that keeps files in a folder of its own needs, and the others do not.
_KEEPING = {
    "creat", "truncate", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat",
}  # fmt: skip
# These pass their flags in memory, where a filter cannot look: "not implemented" sends the C library to the older calls.
_UNREADABLE = {"clone3": 435, "openat2": 437}


def refuse(*, allowed: Collection[str] = (), keeps_files: bool = False) -> None:
    """Lays the filter on this process, all its threads and what may come of it. Raises OSError where that is not possible.

    `allowed`: names of the list that stay possible. `keeps_files`: files may be made, written, renamed and removed.
    """
    here = ARCHITECTURES.get(platform.machine())
    if here is None:
        raise OSError(errno.ENOSYS, f"no list of system calls for {platform.machine()}")
    code = program(here, os.getpid(), allowed, keeps_files=keeps_files)
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: the number of instructions, padding, their address.
    described = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call, arguments in (
        (libc.prctl, (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)),
        (libc.syscall, (here.seccomp, _SET_MODE_FILTER, _ALL_THREADS, ctypes.addressof(described))),
    ):
        if call(*(ctypes.c_ulong(each) for each in arguments)):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def program(here: Architecture, pid: int, allowed: Collection[str] = (), *, keeps_files: bool = False) -> bytes:
    """The filter's instructions, 8 bytes each."""
    refused, absent = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
    lines = [_line(_LOAD, _ARCHITECTURE), _line(_EQUAL, here.audit, 1, 0), _line(_RETURN, _KILL), _line(_LOAD, _NUMBER)]
    if here.foreign is not None:
        lines += [_line(_AT_LEAST, here.foreign, 0, 1), _line(_RETURN, refused)]
    for name, number in here.refused.items():
        if not (name in allowed or (keeps_files and name in _KEEPING)):
            lines += _when(number, [_line(_RETURN, refused)])
    for number in _UNREADABLE.values():
        lines += _when(number, [_line(_RETURN, absent)])
    lines += _when(here.clone, _judge(0, _ANY_BIT, _CLONE_THREAD, _ALLOW, refused))
    lines += _when(here.tgkill, _judge(0, _EQUAL, pid, _ALLOW, refused))
    if not keeps_files:
        lines += _when(here.openat, _judge(2, _ANY_BIT, _FOR_WRITING, refused, _ALLOW))
    if not keeps_files and here.open is not None:
        lines += _when(here.open, _judge(1, _ANY_BIT, _FOR_WRITING, refused, _ALLOW))
    return b"".join([*lines, _line(_RETURN, _ALLOW)])


def _when(number: int, then: list[bytes]) -> list[bytes]:
    return [_line(_EQUAL, number, 0, len(then)), *then]


def _judge(argument: int, test: int, value: int, if_so: int, if_not: int) -> list[bytes]:
    """By the low half of an argument; all that is asked for here fits into it."""
    load = _line(_LOAD, _ARGUMENTS + 8 * argument)
    return [load, _line(test, value, 0, 1), _line(_RETURN, if_so), _line(_RETURN, if_not)]


def _line(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    """struct sock_filter: code, how far to jump when the test holds and when it does not, its operand."""
    return struct.pack("HBBI", code, if_so, if_not, value)
