"""Secrets at rest: sealed with a key that lies beside the database, in a file that no backup, export or log contains.

    seal(text) ─▶ data/secret.key (made once, mode 0600, on the disk before it is used) ─▶ Fernet ─▶ a row of the database
    open(row)  ─▶ AccessLost where the key is missing, another, or the row is damaged

Fernet: AES-128 in CBC mode with an HMAC, so a changed row is refused and not misread.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from core.errors import AccessLost

FILE = "secret.key"


class Vault:
    """Safe to use from several threads. Nothing is read or made before the first secret."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.Lock()

    @classmethod
    def beside(cls, database: Path) -> Vault:
        return cls(database.with_name(FILE))

    def seal(self, text: str) -> str:
        """Raises OSError when the key cannot be written."""
        with self._guard:
            return (self._key() or self._new_key()).encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises AccessLost."""
        key = self._key()
        if key is None:
            raise AccessLost()
        try:
            return key.decrypt(sealed).decode()
        except (InvalidToken, ValueError) as error:
            raise AccessLost() from error

    def _key(self) -> Fernet | None:
        """Read anew each time: a key that is put back is used at once. None where there is none, or a damaged one."""
        try:
            return Fernet(self.path.read_bytes().strip())
        except (FileNotFoundError, ValueError):
            return None

    def _new_key(self) -> Fernet:
        """Whole and on the disk before anything is sealed with it: a key lost in a power cut loses what it sealed."""
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
            # A damaged key may still be mended by its owner.
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
