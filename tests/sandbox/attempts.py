"""A confined process that tries the attacks of a compromised decoder, and prints the results.

python -m tests.sandbox.attempts <attempt> [argument]  ─▶ "done", or the name of the error
"""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from core.sandbox import landlock
from core.sandbox.child import enter

there = Path(sys.argv[-1])


def thread() -> None:
    worker = threading.Thread(target=lambda: None)
    worker.start()
    worker.join()


def connect() -> None:
    with socket.create_connection(("127.0.0.1", int(str(there))), timeout=5):
        pass


def grow() -> None:
    held = bytearray(400 << 20)
    held[-1] = 1


def spin() -> None:
    while True:
        pass


def flood() -> None:
    while True:
        os.write(1, bytes(1 << 16))


def lift() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def talk() -> None:
    for line in sys.stdin:
        print(line.strip()[::-1], flush=True)


ATTEMPTS: dict[str, Callable[[], object]] = {
    "connect": connect,
    "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "unix": lambda: socket.socket(socket.AF_UNIX),
    "pair": socket.socketpair,
    "fork": os.fork,
    "run": lambda: subprocess.run(["/bin/true"], check=True),
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "write": lambda: there.open("w"),
    "append": lambda: there.open("a"),
    "update": lambda: there.open("r+"),
    "unlink": there.unlink,
    "rename": lambda: there.rename(f"{there}-moved"),
    "truncate": lambda: os.truncate(there, 0),
    "chmod": lambda: there.chmod(0o777),
    "mkdir": lambda: Path(f"{there}-folder").mkdir(),
    "symlink": lambda: Path(f"{there}-link").symlink_to("/etc/passwd"),
    "kill": lambda: os.kill(os.getppid(), 0),
    "lift": lift,
    "thread": thread,
    "read": there.read_text,
    "grow": grow,
    "spin": spin,
    "flood": flood,
    "abort": os.abort,
    "sleep": signal.pause,
    "unfiltered": grow,
    "unheld": lambda: there.open("w"),
    "with threads": lambda: there.open("w"),
    "talk": talk,
    "echo": lambda: sys.stdout.write(sys.stdin.read()[::-1]),
}


def main() -> None:
    if sys.argv[1] == "unfiltered":
        platform.machine = lambda: "s390x"
    if sys.argv[1] == "unheld":
        # The answer of a kernel without Landlock.
        landlock._CREATE = 9999
    if sys.argv[1] == "with threads":
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    # The third argument is the folder in which it may keep files.
    keeps = Path(sys.argv[2]) if len(sys.argv) > 3 else None
    enter(memory=300 << 20, cpu_seconds=1, written=100_000, reads=[there], keeps=keeps)
    try:
        ATTEMPTS[sys.argv[1]]()
        sys.stdout.write("done")
    except BaseException as error:
        sys.stdout.write(type(error).__name__)


if __name__ == "__main__":
    main()
