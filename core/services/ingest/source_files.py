"""A file that is taken into the library, and the name that it came by."""

from __future__ import annotations

import logging
from pathlib import Path

from core.files import partial_files

log = logging.getLogger(__name__)


def state_of(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def take_away(path: Path, before: tuple[int, int, int]) -> None:
    """Removes the name that a file came by, now that the library has it; never another file that was put there since."""
    try:
        if state_of(path) != before:
            log.warning("%s is in the library; what lies there now by its name is another file", path.name)
            return
        path.unlink()
        partial_files.sync_folder(path.parent)
    except FileNotFoundError:
        return  # somebody else took it away
    except OSError as error:
        log.warning("%s is in the library, and cannot be removed from where it came: %s", path.name, error)
