"""Run another program confined: `python -m core.sandbox.tool <memory> <CPU seconds> <bytes written> <input> <program> …`.

    limits, files and filter ─▶ exec the program

The filter has to allow exec. Of programs outside the libraries' folders, Landlock allows this one alone. It stays as confined as
the process was: no socket, no second process, no file opened for writing. It reads `input` ("" for none) and writes to stdout.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.sandbox.child import enter


def main() -> None:
    memory, cpu_seconds, written = (int(number) for number in sys.argv[1:4])
    reads = [Path(sys.argv[4])] if sys.argv[4] else []
    program = sys.argv[5]
    enter(memory=memory, cpu_seconds=cpu_seconds, written=written, reads=reads, becomes=Path(program))
    os.execv(program, sys.argv[5:])  # noqa: S606 (a program and its arguments, no shell)


if __name__ == "__main__":
    main()
