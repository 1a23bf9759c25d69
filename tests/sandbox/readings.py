"""A confined process that reads files: `python -m tests.sandbox.readings <granted path> <path to try>…`.

A path that ends with a slash is a folder. It prints, as JSON, the first characters of each, or the name of the errno.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path

from core.sandbox.child import enter


def tried(wanted: str) -> str:
    try:
        return " ".join(os.listdir(wanted)) if wanted.endswith("/") else Path(wanted).read_text()[:100]  # noqa: PTH208
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def main() -> None:
    enter(memory=300 << 20, cpu_seconds=5, reads=[Path(sys.argv[1])])
    sys.stdout.write(json.dumps([tried(wanted) for wanted in sys.argv[2:]]))


if __name__ == "__main__":
    main()
