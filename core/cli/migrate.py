"""`migrate`: upgrade the database as a start does, without starting.

Exits with 5 if there is no library, or none that can be opened: a start then asks the user on its page.
"""

from __future__ import annotations

import sys

from core import settings
from core.ops.backup import upgrade
from core.ops.backup.backups import Backups
from core.ops.backup.manifest import DATABASE
from core.ops.backup.rescue import RESCUED
from core.store.db import db_copies
from core.store.db.database import Store
from core.store.db.folder_lock import DataFolderLock

ASKS = 5


def run() -> int:
    try:
        return _run()
    except RESCUED as error:
        print(f"{error.detail} [{error.code}]", file=sys.stderr)
        return ASKS


def _run() -> int:
    # Saved settings are ignored: they are in the database that may need the upgrade.
    values = settings.load().values
    lock = DataFolderLock(values.data)
    lock.acquire()
    try:
        store = Store(values.data / DATABASE)
        fresh = not db_copies.is_there(store.path)
        done = upgrade.make_ready(values.data, Backups(values.data, lambda: values))
        store.open()  # creates the schema of a new database
        store.close()
    finally:
        lock.release()
    applied = db_copies.known_steps() if fresh else done.applied
    print(f"{store.path}: " + (f"applied {', '.join(applied)}" if applied else "already up to date"))
    if done.backup:
        print(f"The backup {done.backup} holds it as it was before.")
    return 0
