"""Another program, confined: `python -m core.sandbox.tool <memory> <CPU seconds> <bytes written> <input> <program> …`.

    limits, files and filter ─▶ becomes the program

The filter has to let the process become another program, and only this one, which is as confined as it was: no socket, no second
process, no file opened to write. It reads `input` ("" for nothing), and writes to what it was given as stdout.
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
