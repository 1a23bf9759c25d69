"""Test whether a restored folder opens, and name the folder for the old state."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from core.errors import (
    BackupDamaged,
    BackupTooNew,
    CastMindError,
)
from core.ops.backup.manifest import DATABASE
from core.store.db import damage
from core.store.db.database import Store


def kept_folder(data: Path, now: float) -> Path:
    """Return a free name in the data folder for an old state that cannot be read, and is kept."""
    stem = f"damaged-{datetime.fromtimestamp(now).astimezone():%Y%m%d-%H%M%S}"
    names = (f"{stem}{f'-{n}' if n else ''}" for n in range(1000))
    return next(data / name for name in names if not (data / name).exists())


def opens(data: Path) -> None:
    """Open the library as the next start will; create a missing database. Raises the errors of `Store.open`."""
    store = Store(data / DATABASE)
    store.open()
    store.close()


def holds_something(path: Path) -> bool:
    if path.is_dir():
        return any(not each.name.startswith(".") for each in path.iterdir())
    return path.is_file() and path.stat().st_size > 0


def too_new(step: str) -> BackupTooNew:
    return BackupTooNew(
        f"The backup's database knows the step {step}, which this CastMind does not. Nothing was changed; update CastMind first.",
        step=step,
    )


def unreadable(error: CastMindError) -> BackupDamaged:
    return BackupDamaged(
        f"The database in the backup cannot be read ({damage.reason(error)}). Nothing was changed; take another backup."
    )
