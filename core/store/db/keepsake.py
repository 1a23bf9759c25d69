"""A database whose file was deleted or replaced while it was open: at the end it is written to a file again.

    keep (still open) ─▶ VACUUM INTO a part ─▶ the connection closes, and SQLite takes its log away ─▶ put ─▶ a name

A deleted one gets its own name back, and the next start finds the library. Where another file lies there by then, that one stays,
and what was open goes beside it.
"""

from __future__ import annotations

import logging
import sqlite3
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from core.store.db.file_watch import Loss
from core.store.db.sqlite import Database

log = logging.getLogger(__name__)


def keep(db: Database, path: Path, loss: Loss | None) -> Path | None:
    """A part with all that the connection sees; None where the file is where it should be, or cannot be written."""
    if loss is None or not path.parent.is_dir():
        return None
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        db.execute("VACUUM INTO ?", [str(part)])
    except sqlite3.Error as error:
        log.error("the database was %s, and what was open cannot be written back: %s", loss, error)
        part.unlink(missing_ok=True)
        return None
    return part


def put(part: Path, path: Path, sides: Iterable[Path]) -> Path:
    """Gives the part its name, once nothing is open any more; gives where it is. `sides` belonged to what was open: SQLite leaves
    them there for a file that was moved, and would work that log into whatever lies at the path."""
    for side in sides:
        side.unlink(missing_ok=True)
    target = path
    if path.exists():
        stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
        target = path.with_name(f"{path.stem}-before-{stamp}-{uuid.uuid4().hex[:4]}{path.suffix}")
    part.rename(target)
    log.warning("the database that was open is in %s", target)
    return target
