"""`password`: set a user's password, for somebody who cannot sign in any more, or before the first start on a network.

folder locked? ─┬─ no ──▶ set it here
                └─ yes ─▶ ask the running server, with the token that it left in the data folder

The second factor of the user is turned off and their sessions end, as when an admin resets a password.
"""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from functools import partial

from core import settings
from core.access import password_rules
from core.access.passwords import Passwords
from core.domain.accounts.actor import OWNER
from core.errors import DataFolderLocked, NotFound, UserError
from core.ops import server_client
from core.ops.backup import upgrade
from core.ops.backup.backups import Backups
from core.ops.backup.manifest import DATABASE
from core.settings import Settings
from core.store.accounts import sessions, users
from core.store.db.database import Store
from core.store.db.folder_lock import DataFolderLock
from core.store.db.sqlite import Database


def run(options: argparse.Namespace) -> int:
    """Raises UserError for a refused password, NotFound for an unknown user."""
    values = settings.load().values
    password = _asked()
    lock = DataFolderLock(values.data)
    try:
        lock.acquire()
    except DataFolderLocked:
        name = server_client.set_password(options.user, password, values)
    else:
        try:
            name = _here(options.user, password, values)
        finally:
            lock.release()
    print(f"{name} signs in with the new password now. A second factor is off, and other browsers are signed out.")
    return 0


def _asked() -> str:
    """Return the password: typed twice in a terminal, else the first line of the input. Raises UserError."""
    try:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n")
        password = getpass.getpass("New password: ")
        if getpass.getpass("Once more: ") == password:
            return password
    except (EOFError, UnicodeDecodeError) as error:
        raise UserError("The password cannot be read. Nothing was changed; type it again.") from error
    raise UserError("The two are not the same. Nothing was changed.")


def _here(user: str, password: str, values: Settings) -> str:
    upgrade.make_ready(values.data, Backups(values.data, lambda: values))
    store = Store(values.data / DATABASE)
    store.open()
    try:
        store.write(partial(users.add_owner_if_missing, now=time.time()))
        found = users.by_name(store.read(), user) if user else users.get(store.read(), OWNER.user_id)
        if found is None:
            raise NotFound(f"There is no user {user}. Nothing was changed.")
        password_rules.check(password, found.name)
        hashed = Passwords().hash(password)

        def change(db: Database) -> None:
            users.set_password(db, found.id, hashed)
            users.set_totp(db, found.id, None)
            users.set_disabled(db, found.id, False, now=time.time())
            sessions.revoke_all(db, found.id)

        store.write(change)
        return found.name
    finally:
        store.close()
