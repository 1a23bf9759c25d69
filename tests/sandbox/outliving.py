"""A confined process that says that it has started, into a named pipe that it then holds open for as long as it lives."""

from __future__ import annotations

import os
import signal
import sys

from core.sandbox.child import enter


def main() -> None:
    pipe = os.open(sys.argv[1], os.O_WRONLY)
    enter(memory=300 << 20, cpu_seconds=10)
    os.write(pipe, b"started\n")
    signal.pause()


if __name__ == "__main__":
    main()
