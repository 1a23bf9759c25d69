"""A new key for all secrets: all of them are sealed with it, or none.

    settle ─▶ secret.key.next, synced ─▶ one transaction: each value opened and sealed anew ─▶ log synced ─▶ next becomes secret.key
                                 kill │                                             kill │                               kill │
    the next start: settle        next opens no value: dropped          next opens one: it becomes the key          nothing to do

A key file and a database cannot change in one step. But a value that the successor opens can only come from the transaction, so
the values themselves tell whether it was committed. Until `settle` has run, `Vault.open` tries both keys.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography.fernet import Fernet

from core.errors import SecretsUnreadable
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.sealed import sealed_columns

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rotation:
    """`sealed`: the number of values with the new key; `left`: the names of those that no key opened, which stay as they were."""

    sealed: int
    left: tuple[str, ...]


def rotate(store: Store, vault: Vault, *, leave_unreadable: bool = False) -> Rotation:
    """Replace the key, on an open store whose data folder nobody else uses.

    Raises SecretsUnreadable where values cannot be opened, unless they may be left; nothing was changed then.
    """
    settle(store, vault)
    try:
        done = store.write(partial(_seal_anew, vault=vault, key=vault.prepare(), leave=leave_unreadable))
    except BaseException:
        settle(store, vault)
        raise
    _adopt(store.path, vault)
    return done


def settle(store: Store, vault: Vault) -> None:
    """Finish a rotation that was interrupted, or undo it. Does nothing otherwise."""
    if not vault.successor.exists():
        return
    if any(vault.opens_with_successor(value.sealed) for value in sealed_columns.values(store.read())):
        _adopt(store.path, vault)
        log.warning("a change of the key for secrets was interrupted; it is complete now")
    else:
        vault.drop()
        log.warning("a change of the key for secrets was interrupted before it changed anything; the old key stays")


def _seal_anew(db: Database, *, vault: Vault, key: Fernet, leave: bool) -> Rotation:
    # What was sealed with the old key is overwritten, not only unlinked: it may be replaced because somebody else has it.
    db.execute("PRAGMA secure_delete = ON")
    found = [(value, vault.readable(value.sealed)) for value in sealed_columns.values(db)]
    lost = tuple(value.name for value, text in found if text is None)
    if lost and not leave:
        raise SecretsUnreadable(lost)
    for value, text in found:
        if text is not None:
            value.replace(db, key.encrypt(text.encode()).decode())
    return Rotation(len(found) - len(lost), lost)


def _adopt(database: Path, vault: Vault) -> None:
    """Make the transaction outlast a power cut, then the key: the other way round, a power cut would leave neither."""
    write_ahead_log = database.with_name(f"{database.name}-wal")
    if write_ahead_log.exists():
        handle = os.open(write_ahead_log, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    vault.adopt()
