"""A seccomp filter that a process applies to itself: the kernel then accepts only the system calls that its work needs.

    architecture known? ─▶ foreign ABI? ─▶ on the list? ─▶ arguments harmless, where they decide? ─▶ allowed
                             └─ yes          └─ no           └─ no ─▶ EPERM

The filter needs no privilege (`no_new_privs`), so it works for an ordinary user and in a container without capabilities, and it
cannot be lifted again. The classic BPF program is assembled here: a few kinds of instructions need no library.
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import struct
import termios
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.sandbox import system_calls
from core.sandbox.system_calls import Numbers

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _ALL_THREADS, _ACTION_AVAILABLE = 1, 1, 2
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_ERRNO = 0x00050000
# Offsets in struct seccomp_data: number, architecture, the low halves of the arguments (the high ones follow).
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_HIGH = 4

REFUSED, ABSENT = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS

_CLONE_THREAD = 0x00010000
# All flags that make new namespaces.
_CLONE_NEW = 0x7E020000
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Excluded: locks, leases, owners of signals, seals and sizes of pipes.
_FCNTL = (fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL)
# Queries (is it a terminal, its width, bytes waiting) and flags of the descriptor; nothing that acts on a device.
_IOCTL = (termios.TCGETS, termios.TIOCGWINSZ, termios.FIONREAD, termios.FIOCLEX, termios.FIONCLEX, termios.FIONBIO)
# Names of threads and of memory regions.
_PRCTL = (15, 16, 0x53564D41)


@dataclass(frozen=True, slots=True)
class Architecture:
    """A processor architecture.

    `audit`: the kernel's constant for it. `column`: its column in the tables of `system_calls`. `seccomp`: its number of that
    call. `foreign`: numbers from here on belong to another ABI that the same kernel serves.
    """

    audit: int
    column: int
    seccomp: int
    foreign: int | None = None

    def numbers(self, table: Numbers) -> Mapping[str, int]:
        return {name: number for name, columns in table.items() if (number := columns[self.column]) is not None}


ARCHITECTURES: Mapping[str, Architecture] = {
    "x86_64": Architecture(0xC000003E, 0, 317, foreign=0x40000000),
    "aarch64": Architecture(0xC00000B7, 1, 277),
}


def hold(*, pid: int, keeps_files: bool = False, speaks: bool = False, becomes: bool = False) -> None:
    """Apply the filter to this process, all its threads and any program it execs. Raises OSError if that is not possible.

    `pid`: its own process id. `keeps_files`: files may be made, written, renamed and removed. `speaks`: connections that it is
    given may be used. `becomes`: it may exec another program.
    """
    here = ARCHITECTURES.get(platform.machine())
    if here is None:
        raise OSError(errno.ENOSYS, f"no list of system calls for {platform.machine()}")
    code = program(here, pid, keeps_files=keeps_files, speaks=speaks, becomes=becomes)
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


def available() -> bool:
    """Return whether this kernel supports filters and this architecture has a list. Does not restrict this process."""
    here = ARCHITECTURES.get(platform.machine())
    action = ctypes.create_string_buffer(struct.pack("I", _ERRNO))
    arguments = (_ACTION_AVAILABLE, 0, ctypes.addressof(action))
    return here is not None and ctypes.CDLL(None).syscall(here.seccomp, *map(ctypes.c_ulong, arguments)) == 0


def program(here: Architecture, pid: int, *, keeps_files: bool = False, speaks: bool = False, becomes: bool = False) -> bytes:
    """Return the filter's instructions, 8 bytes each."""
    lines = [_line(_LOAD, _ARCHITECTURE), _line(_EQUAL, here.audit, 1, 0), _line(_RETURN, _KILL), _line(_LOAD, _NUMBER)]
    if here.foreign is not None:
        lines += [_line(_AT_LEAST, here.foreign, 0, 1), _line(_RETURN, REFUSED)]
    groups = ((True, "ALWAYS"), (keeps_files, "KEEPING"), (speaks, "SPEAKING"), (becomes, "BECOMING"))
    for number in (n for wanted, group in groups if wanted for n in here.numbers(getattr(system_calls, group)).values()):
        lines += _when(number, [_line(_RETURN, _ALLOW)])
    for name, number in here.numbers(system_calls.JUDGED).items():
        lines += _when(number, _judged(name, pid, keeps_files))
    for number in here.numbers(system_calls.UNREADABLE).values():
        lines += _when(number, [_line(_RETURN, ABSENT)])
    return b"".join([*lines, _line(_RETURN, REFUSED)])


def _judged(name: str, pid: int, keeps_files: bool) -> list[bytes]:
    """Return instructions that allow or refuse the call by its arguments."""
    if name in ("open", "openat"):
        flags = 1 if name == "open" else 2
        return [_line(_RETURN, _ALLOW)] if keeps_files else _refuse_bits(flags, _FOR_WRITING)
    if name == "clone":
        return [*_stop_at_bits(0, _CLONE_NEW), _line(_ANY_BIT, _CLONE_THREAD, 0, 1), *_ends(_ALLOW, REFUSED)]
    if name == "prlimit64":
        # It may read its own limits; the pointer to new ones must be null in both halves.
        return [*_only(0, (0, pid)), *_only(2, (0,)), *_only(2, (0,), half=_HIGH), _line(_RETURN, _ALLOW)]
    argument, values = {"tgkill": (0, (pid,)), "fcntl": (1, _FCNTL), "ioctl": (1, _IOCTL), "prctl": (0, _PRCTL)}[name]
    return [*_only(argument, values), _line(_RETURN, _ALLOW)]


def _refuse_bits(argument: int, bits: int) -> list[bytes]:
    return [*_stop_at_bits(argument, bits), _line(_RETURN, _ALLOW)]


def _stop_at_bits(argument: int, bits: int) -> list[bytes]:
    return [_load(argument), _line(_ANY_BIT, bits, 0, 1), _line(_RETURN, REFUSED)]


def _only(argument: int, values: Collection[int], half: int = 0) -> list[bytes]:
    """Return instructions that refuse the call unless one half of the argument (the low one by default) is in `values`."""
    left = len(values)
    tests = [_line(_EQUAL, value, left - at, 0) for at, value in enumerate(values)]
    return [_load(argument, half), *tests, _line(_RETURN, REFUSED)]


def _load(argument: int, half: int = 0) -> bytes:
    return _line(_LOAD, _ARGUMENTS + 8 * argument + half)


def _when(number: int, then: list[bytes]) -> list[bytes]:
    return [_line(_EQUAL, number, 0, len(then)), *then]


def _ends(if_so: int, if_not: int) -> list[bytes]:
    return [_line(_RETURN, if_so), _line(_RETURN, if_not)]


def _line(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    """Return a struct sock_filter: code, jump lengths if the test holds and if it does not, operand."""
    return struct.pack("HBBI", code, if_so, if_not, value)
