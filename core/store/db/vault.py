"""Secrets at rest: sealed with a key beside the database, in a file that no backup, export or log contains.

    seal(text) ─▶ data/secret.key (created once, mode 0600, synced before it is used) ─▶ Fernet ─▶ a row of the database
    open(row)  ─▶ AccessLost if the key is missing or another, or the row is damaged

Fernet: AES-128 in CBC mode with an HMAC, so a changed row is rejected instead of misread. The columns with sealed values are
listed in core/store/sealed/, which also replaces the key: its successor waits beside it, and can open rows until it takes its place.
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
        self.successor = path.with_suffix(".key.next")
        self._guard = threading.Lock()

    @classmethod
    def beside(cls, database: Path) -> Vault:
        return cls(database.with_name(FILE))

    def seal(self, text: str) -> str:
        """Encrypt a text. Raises OSError if the key cannot be written."""
        with self._guard:
            return (_read(self.path) or self._new_key()).encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt a row. Raises AccessLost."""
        text = self.readable(sealed)
        if text is None:
            raise AccessLost()
        return text

    def readable(self, sealed: str) -> str | None:
        """Decrypt a row; return None if no key here opens it."""
        # Read anew each time, so that a restored key works at once.
        for key in (_read(self.path), _read(self.successor)):
            if key is not None and (text := _decrypted(key, sealed)) is not None:
                return text
        return None

    # --- another key --------------------------------------------------------------------------

    def prepare(self) -> Fernet:
        """Write the key that is to follow, synced, and return it. It seals nothing before `adopt`."""
        key = Fernet.generate_key()
        _write(self.successor, key)
        return Fernet(key)

    def opens_with_successor(self, sealed: str) -> bool:
        key = _read(self.successor)
        return key is not None and _decrypted(key, sealed) is not None

    def adopt(self) -> None:
        """Put the successor in the key's place, in one step."""
        self.successor.replace(self.path)
        sync_folder(self.path.parent)

    def drop(self) -> None:
        """Delete the successor."""
        self.successor.unlink(missing_ok=True)
        sync_folder(self.path.parent)

    def _new_key(self) -> Fernet:
        """Create the key, complete and synced before anything is sealed with it: a key lost in a power cut loses its secrets."""
        key = Fernet.generate_key()
        fresh = self.path.with_suffix(".new")
        _write(fresh, key)
        if self.path.exists():
            # The owner may still be able to repair a damaged key.
            self.path.replace(self.path.with_suffix(".damaged"))
        fresh.replace(self.path)
        sync_folder(self.path.parent)
        return Fernet(key)


def _read(path: Path) -> Fernet | None:
    """Return None for a key that is missing or damaged."""
    try:
        return Fernet(path.read_bytes().strip())
    except (FileNotFoundError, ValueError):
        return None


def _decrypted(key: Fernet, sealed: str) -> str | None:
    try:
        return key.decrypt(sealed).decode()
    except (InvalidToken, ValueError):
        return None


def _write(path: Path, key: bytes) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
