"""An earlier version of the project, to measure beside the present one."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.running import PROJECT


def checkout(commit: str, target: Path) -> Path | None:
    """Check out a commit into a new folder; None if the git history does not reach back that far."""
    packed = subprocess.run(["git", "archive", commit], cwd=PROJECT, capture_output=True, check=False)
    if packed.returncode:
        return None
    target.mkdir()
    subprocess.run(["tar", "-x", "-C", str(target)], input=packed.stdout, check=True)
    return target
