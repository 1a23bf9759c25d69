"""Source files of the library: their state, and the removal of the original name after ingest."""

from __future__ import annotations

import logging
from pathlib import Path

from core.files import partial_files

log = logging.getLogger(__name__)


def state_of(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def take_away(path: Path, before: tuple[int, int, int]) -> None:
    """Delete the original name of a file that the library has now, unless another file has replaced it since `before`."""
    try:
        if state_of(path) != before:
            log.warning("%s is in the library; what lies there now by its name is another file", path.name)
            return
        path.unlink()
        partial_files.sync_folder(path.parent)
    except FileNotFoundError:
        return  # deleted by someone else
    except OSError as error:
        log.warning("%s is in the library, and cannot be removed from where it came: %s", path.name, error)
