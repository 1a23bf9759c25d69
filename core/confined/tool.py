"""Another program, confined: `python -m core.confined.tool <memory> <CPU seconds> <bytes written> <program> <arguments>…`.

    limits and filter ─▶ becomes the program

The filter has to let the process become another program, which is as confined as it was: no socket, no second process, no
file opened to write. It reads files, and writes to what it was given as stdout.
"""

from __future__ import annotations

import os
import sys

from core.confined.child import enter


def main() -> None:
    memory, cpu_seconds, written = (int(number) for number in sys.argv[1:4])
    enter(memory=memory, cpu_seconds=cpu_seconds, written=written, allowed=("execve",))
    os.execv(sys.argv[4], sys.argv[4:])  # noqa: S606 (a program and its arguments, no shell)


if __name__ == "__main__":
    main()
