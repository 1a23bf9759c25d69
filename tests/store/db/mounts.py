"""A real mount of a file system that is not this kernel's own: FUSE, by Debian's bindfs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def foreign_mount(folder: Path) -> Iterator[Path]:
    """Mount `folder` through FUSE as a sibling of it; skip the test where nothing can be mounted."""
    program = shutil.which("bindfs")
    if program is None or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("needs bindfs and /dev/fuse, to mount a foreign file system")
    folder.mkdir(exist_ok=True)
    point = folder.with_name(f"{folder.name}-mounted")
    point.mkdir()
    done = subprocess.run([program, "--no-allow-other", str(folder), str(point)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield point
    finally:
        subprocess.run(["umount", str(point)], check=True, capture_output=True)
