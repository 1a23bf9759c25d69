"""`rotate-key`: seal all secrets with a new key, while no server runs."""

from __future__ import annotations

import argparse

from core import settings
from core.errors import NotFound
from core.ops.backup import upgrade
from core.ops.backup.backups import Backups
from core.ops.backup.manifest import DATABASE
from core.store.db import db_copies
from core.store.db.database import Store
from core.store.db.folder_lock import DataFolderLock
from core.store.db.vault import Vault
from core.store.sealed import key_rotation


def run(options: argparse.Namespace) -> int:
    """Raises DataFolderLocked while a server runs, because it seals with the key that is to go."""
    values = settings.load().values
    lock = DataFolderLock(values.data)
    lock.acquire()
    try:
        if not db_copies.is_there(values.data / DATABASE):
            raise NotFound(f"There is no library in {values.data}. Nothing was changed; check CASTMIND_DATA_DIR.")
        upgrade.make_ready(values.data, Backups(values.data, lambda: values))
        store = Store(values.data / DATABASE)
        vault = Vault.beside(store.path)
        store.open()
        try:
            done = key_rotation.rotate(store, vault, leave_unreadable=options.leave_unreadable)
        finally:
            store.close()
    finally:
        lock.release()
    print(f"{vault.path}: a new key; {done.sealed} secrets are sealed with it. The old key is gone.")
    for name in done.left:
        print(f"Left as it was, because no key here opens it: {name}")
    print("Backups from before hold secrets of the old key: after restoring one of them, enter its credentials again.")
    return 0
