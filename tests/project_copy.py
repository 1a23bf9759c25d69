"""A copy of the project that a test may change: the files that CastMind needs to run, and the scripts and docs."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.running import PROJECT

FOLDERS = ("core", "pages", "config", "scripts", "docs", ".streamlit", "demo")
FILES = ("castmind_app.py", "pyproject.toml", ".env.template", *(path.name for path in PROJECT.glob("docker-compose*.yml")))


def copy_project(to: Path) -> Path:
    """Copies into the folder `to`, which is made; gives it."""
    for name in FOLDERS:
        shutil.copytree(PROJECT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(PROJECT / name, to / name)
    return to
