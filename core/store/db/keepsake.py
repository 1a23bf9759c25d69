"""Save an open database whose file was deleted or replaced: write it to a file when it is closed.

    keep (still open) ─▶ VACUUM INTO a part ─▶ the connection closes, and SQLite deletes its log ─▶ put ─▶ a name

A deleted file gets its own name back, so the next start finds the library. If another file is at the path by then, that one
stays, and the saved one is put beside it.
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
    """Write everything that the connection sees to a part; return None if the file is in place, or cannot be written."""
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
    """Rename the part once nothing is open any more; return its path.

    `sides` belonged to the open file: SQLite leaves them behind for a file that was moved, and would apply that log to whatever
    database is at the path.
    """
    for side in sides:
        side.unlink(missing_ok=True)
    target = path
    if path.exists():
        stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
        target = path.with_name(f"{path.stem}-before-{stamp}-{uuid.uuid4().hex[:4]}{path.suffix}")
    part.rename(target)
    log.warning("the database that was open is in %s", target)
    return target
