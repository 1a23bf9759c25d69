"""Read the pins of requirements*.txt, for scripts/sbom.py and scripts/audit.py."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
# Installed for development and tests only.
DEVELOPMENT = ("requirements-dev.txt", "requirements-mutate.txt")


def requirement_files(folder: Path = PROJECT, *, development: bool) -> list[Path]:
    found = sorted(folder.glob("requirements*.txt"))
    return [path for path in found if development or path.name not in DEVELOPMENT]


def pins(files: Iterable[Path]) -> dict[str, str]:
    """Return name → version. Markers are ignored: packages for another Python or processor count too."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))
