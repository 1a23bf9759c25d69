"""Log lines for tests of the search."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.ops.logs import archives
from core.ops.logs.log_files import ARCHIVE
from core.ops.logs.log_query import stamp

BEGAN = 1_796_000_000.0


def line(second: float, event: str = "x", **fields: Any) -> bytes:
    row = {"timestamp": stamp(BEGAN + second), "level": "info", "kind": "application", "logger": "core.x", "event": event}
    return json.dumps(row | fields, ensure_ascii=False).encode() + b"\n"


def write(folder: Path, kind: str, *lines: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{kind}.log"
    with path.open("ab") as file:
        file.writelines(lines)
    return path


def turn_over(folder: Path, kind: str, second: float, *, pack: bool = True) -> None:
    """Move a file into the archive, as of that second, and pack it."""
    name = stamp(BEGAN + second).replace("-", "").replace(":", "")
    (folder / ARCHIVE).mkdir(exist_ok=True)
    (folder / f"{kind}.log").rename(folder / ARCHIVE / f"{kind}-{name}.log")
    if pack:
        archives.pack(next(each for each in archives.listing(folder) if not each.packed))
