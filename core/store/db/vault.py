"""Secrets at rest: sealed with a key beside the database, in a file that no backup, export or log contains.

    seal(text) ─▶ data/secret.key (created once, mode 0600, synced before it is used) ─▶ Fernet ─▶ a row of the database
    open(row)  ─▶ AccessLost if the key is missing or another, or the row is damaged

Fernet: AES-128 in CBC mode with an HMAC, so a changed row is rejected instead of misread.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from core.errors import AccessLost

FILE = "secret.key"


class Vault:
    """Seals and opens secrets. Thread-safe. The key is neither read nor created before the first secret."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.Lock()

    @classmethod
    def beside(cls, database: Path) -> Vault:
        return cls(database.with_name(FILE))

    def seal(self, text: str) -> str:
        """Encrypt a text. Raises OSError if the key cannot be written."""
        with self._guard:
            return (self._key() or self._new_key()).encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt a row. Raises AccessLost."""
        key = self._key()
        if key is None:
            raise AccessLost()
        try:
            return key.decrypt(sealed).decode()
        except (InvalidToken, ValueError) as error:
            raise AccessLost() from error

    def _key(self) -> Fernet | None:
        """Read the key, each time anew, so that a restored key works at once. None if it is missing or damaged."""
        try:
            return Fernet(self.path.read_bytes().strip())
        except (FileNotFoundError, ValueError):
            return None

    def _new_key(self) -> Fernet:
        """Create the key, complete and synced before anything is sealed with it: a key lost in a power cut loses its secrets."""
        key = Fernet.generate_key()
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, key)
            os.fsync(handle)
        finally:
            os.close(handle)
        if self.path.exists():
            # The owner may still be able to repair a damaged key.
            self.path.replace(self.path.with_suffix(".damaged"))
        fresh.replace(self.path)
        _sync_folder(self.path.parent)
        return Fernet(key)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
