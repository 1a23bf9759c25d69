"""Harmful calls that no decoder needs, tried by a confined process or, to prove that they work, by an unconfined one.

python -m tests.sandbox.calls <free|confined|nobody|keeps|speaks|becomes> <a file>  ─▶ JSON: each attempt's "done" or errno

Call numbers are those of x86-64; on other machines attempts without a Python function are unknown.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import mmap
import os
import platform
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from core.sandbox.child import enter

there = Path(sys.argv[-1])
parent = os.getppid()
libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(4096)
place = ctypes.addressof(room)
# As limits: zero of a resource that no test needs (core dumps).
zeros = place + 2048
name = ctypes.create_string_buffer(os.fsencode(there))
HERE = -100


def raw(number: int, *arguments: int) -> Callable[[], int]:
    def call() -> int:
        answer: int = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(each) for each in arguments))
        if answer < 0:
            raise OSError(ctypes.get_errno(), "")
        return answer

    return call


def opened() -> int:
    return os.open(there, os.O_RDONLY)


def path() -> int:
    return ctypes.addressof(name)


def vector() -> int:
    """Return a struct iovec over 8 bytes of our own, at the start of the buffer."""
    struct.pack_into("QQ", room, 0, place + 64, 8)
    return place


LOCK = struct.pack("hhqqi", fcntl.F_RDLCK, 0, 0, 0, 0)

# Each of these succeeds in an unconfined process of an ordinary user.
ORDINARY: dict[str, Callable[[], object]] = {
    "flock": lambda: fcntl.flock(opened(), fcntl.LOCK_EX),
    "flock, shared": lambda: fcntl.flock(opened(), fcntl.LOCK_SH | fcntl.LOCK_NB),
    "lock of a range": lambda: fcntl.fcntl(opened(), fcntl.F_SETLK, LOCK),
    "lock of a range, waiting": lambda: fcntl.fcntl(opened(), fcntl.F_SETLKW, LOCK),
    "lock of an open file": lambda: fcntl.fcntl(opened(), 37, LOCK),
    "lease": lambda: fcntl.fcntl(opened(), 1024, fcntl.F_RDLCK),
    "watch of a folder": lambda: fcntl.fcntl(os.open(there.parent, os.O_RDONLY), 1026, 2),
    "owner of signals": lambda: fcntl.fcntl(opened(), fcntl.F_SETOWN, parent),
    "utime": lambda: os.utime(there, (1, 1)),
    "utime by descriptor": lambda: os.utime(opened(), (1, 1)),
    "chmod": lambda: there.chmod(0o777),
    "chown to itself": lambda: os.chown(there, -1, os.getgid()),
    "hard link": lambda: os.link(there, f"{there}-link"),
    "fifo": lambda: os.mkfifo(f"{there}-fifo"),
    "memory file": lambda: os.memfd_create("x"),
    "shared memory": raw(29, 0, 4096, 0o1600),
    "messages": raw(68, 0, 0o1600),
    "semaphores": raw(64, 0, 1, 0o1600),
    "priority of the parent": lambda: os.setpriority(os.PRIO_PROCESS, parent, os.getpriority(os.PRIO_PROCESS, parent)),
    "priority of the group": lambda: os.setpriority(os.PRIO_PGRP, 0, os.getpriority(os.PRIO_PGRP, 0)),
    "own priority": lambda: os.nice(1),
    "affinity of the parent": lambda: os.sched_setaffinity(parent, os.sched_getaffinity(parent)),
    "scheduling of the parent": lambda: os.sched_setscheduler(parent, os.SCHED_OTHER, os.sched_param(0)),
    "own scheduling": lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)),
    "input and output of the parent": raw(251, 1, parent, 2 << 13 | 7),
    "limits of the parent": raw(302, parent, 7, 0, place),
    "limits of its own": raw(302, 0, 4, zeros, 0),
    "handle of the parent": lambda: os.pidfd_open(parent),
    "signal to the parent": lambda: os.kill(parent, 0),
    "signal to the group": lambda: os.kill(0, 0),
    "signal to all": lambda: os.kill(-1, 0),
    "signal to a thread of the parent": raw(234, parent, parent, 0),
    "tkill": raw(200, parent, 0),
    "fork": lambda: os.fork() or os._exit(0),
    "vfork by number": raw(435, place, 0),
    "no session any more": os.setsid,
    "outliving the parent": raw(157, 1, 0),
    "being dumped": raw(157, 4, 1),
    "keyring": raw(250, 0, -3, 1),
    "watch of files": raw(294, 0),
    "pair of sockets": socket.socketpair,
    **{
        f"socket of {family}": lambda family=family: socket.socket(getattr(socket, family), socket.SOCK_DGRAM)
        for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK")
    },
    "other program": lambda: os.execv("/bin/true", ["true"]),
    "other program by descriptor": lambda: os.execve(os.open("/bin/true", os.O_RDONLY), ["true"], {}),
    "memory by number": raw(310, os.getpid(), vector(), 1, vector(), 1, 0),
}

# These need a privilege or kernel option, or are refused for other reasons too; it matters only that none succeeds.
PRIVILEGED: dict[str, Callable[[], object]] = {
    "attribute": lambda: os.setxattr(there, "user.x", b"y"),
    "attribute by descriptor": lambda: os.setxattr(opened(), "user.x", b"y"),
    "attribute gone": lambda: os.removexattr(there, "user.x"),
    "message queue": raw(240, path(), os.O_CREAT | os.O_RDWR, 0o600, 0),
    "ptrace": raw(101, 0x4206, parent, 0, 0),
    "being traced": raw(101, 0, 0, 0, 0),
    "memory of the parent": raw(310, parent, vector(), 1, vector(), 1, 0),
    "memory of the parent, written": raw(311, parent, vector(), 1, vector(), 1, 0),
    "descriptor of the parent": raw(438, 0, 0, 0),
    "comparison with the parent": raw(312, parent, os.getpid(), 0, 0, 0),
    "advice to the parent's memory": raw(440, 0, vector(), 1, 21, 0),
    "ring": raw(425, 4, place),
    "program in the kernel": raw(321, 0, place, 64),
    "page faults": raw(323, 1),
    "counters": raw(298, place, 0, -1, -1, 0),
    "key": raw(248, place, place, 0, 0, -3),
    "key asked for": raw(249, place, place, 0, -3),
    "mount": raw(165, place, path(), place, 4096, 0),
    "unmount": raw(166, path(), 0),
    "new user": raw(272, 0x10000000),
    "new mounts": raw(272, 0x00020000),
    "other namespace": raw(308, 0, 0),
    "other root": raw(161, path()),
    "pivot": raw(155, path(), path()),
    "tree": raw(428, HERE, path(), 1),
    "file system": raw(430, place, 0),
    "handle of a file": raw(303, HERE, path(), place, place, 0),
    "file by handle": raw(304, HERE, place, 0),
    "secret memory": raw(447, 0),
    "another user": lambda: os.setuid(12345),
    "another group": lambda: os.setgid(12345),
    "capabilities": raw(126, place, place),
    "another personality": raw(135, 0x0004000),
    "the clock": raw(227, 0, place),
    "the log": raw(103, 10, 0, 0),
    "a module": raw(175, place, 0, place),
    "another kernel": raw(246, 0, 0, 0, 0),
    "swap": raw(167, path(), 0),
    "accounting": raw(163, path()),
    "a device": lambda: os.mknod(f"{there}-device", 0o20600, os.makedev(1, 5)),
    "input to the terminal": raw(16, 0, 0x5412, place),
    "a filter of its own": raw(317, 2, 0, place),
    "raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "packets": lambda: socket.socket(17, socket.SOCK_RAW),
    "ciphers of the kernel": lambda: socket.socket(38, socket.SOCK_SEQPACKET),
    "a virtual machine's socket": lambda: socket.socket(40, socket.SOCK_STREAM),
    "the other ABI": raw(0x40000000 | 39),
    "what no kernel has yet": raw(1000, 0, 0),
    "a thread in a new namespace": raw(56, 0x00010000 | 0x40000000, 0, 0, 0, 0),
}

# Calls that a decoder needs.
NEEDED: dict[str, Callable[[], object]] = {
    "reading": there.read_bytes,
    "looking": lambda: (there.stat(), os.access(there, os.R_OK), there.exists()),
    "mapping": lambda: mmap.mmap(opened(), 0, prot=mmap.PROT_READ),
    "memory": lambda: bytearray(50 << 20),
    "a pipe": os.pipe,
    "a copy of a descriptor": lambda: os.dup2(os.dup(opened()), 50),
    "flags of a descriptor": lambda: os.set_blocking(os.pipe()[0], False),
    "how many processors": lambda: os.sched_getaffinity(0),
    "its limits": lambda: __import__("resource").getrlimit(7),
    "random numbers": lambda: os.urandom(8),
    "an import": lambda: __import__("xml.sax.saxutils"),
}
ATTEMPTS = ORDINARY | PRIVILEGED | NEEDED


def tried(what: str) -> str:
    try:
        ATTEMPTS[what]()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    except ImportError:
        return "no such module"
    return "done"


def apart(what: str) -> str:
    """Run in a child process: the call may never return, or return twice. Executing a program that exits with 0 is "done"."""
    pipe, own = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(own, tried(what).encode())
        os._exit(0)
    os.close(own)
    with os.fdopen(pipe, "rb") as answers:
        said = answers.read().decode()
    _, status = os.waitpid(child, 0)
    return said[:4] if said.startswith("done") else said or ("done" if status == 0 else f"ended with {status}")


def main() -> None:
    how = sys.argv[1]
    if how == "free":
        answers = {what: apart(what) for what in ORDINARY}
    else:
        if how == "nobody":
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        enter(
            memory=300 << 20,
            cpu_seconds=5,
            reads=[there],
            keeps=there.parent / "own" if how == "keeps" else None,
            speaks=how == "speaks",
            becomes=Path("/bin/cat") if how == "becomes" else None,
        )
        answers = {what: tried(what) for what in ATTEMPTS}
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    assert platform.machine() == "x86_64"
    main()
