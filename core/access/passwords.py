"""Hash and verify passwords with argon2id, a bounded number at a time.

verify ─▶ a slot? ─┬─ none within the wait ─▶ SignInBusy
                   └─▶ argon2id (about 64 MB, tens of milliseconds) ─▶ right? ─▶ parameters outdated? ─▶ a new hash

A user who does not exist, or has no password, costs the same work: a hash of a random password is verified in vain.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.access.password_rules import MOST
from core.errors import SignInBusy

# Each takes 64 MB and a core.
AT_ONCE = 2
WAIT_SECONDS = 3.0


class Passwords:
    """Thread-safe. `hasher` is argon2's, for tests with less work."""

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = AT_ONCE, wait: float = WAIT_SECONDS) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = threading.BoundedSemaphore(at_once)
        self._wait = wait

    def hash(self, password: str) -> str:
        """Return the encoded argon2id hash. Raises SignInBusy."""
        with self._slot():
            return self._hasher.hash(_composed(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Return whether it is the password; a missing hash takes as long as a wrong password. Raises SignInBusy."""
        if len(password) > MOST:
            password, stored = "", None
        with self._slot():
            try:
                return self._hasher.verify(stored or self._nobody, _composed(password)) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, stored: str) -> bool:
        """Return whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_hex(16))

    def _slot(self) -> _Slot:
        return _Slot(self._slots, self._wait)


def _composed(password: str) -> str:
    """Return the password in the form NFC: keyboards write the same letter as one character or as two (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


class _Slot:
    def __init__(self, slots: threading.Semaphore, wait: float) -> None:
        self._slots = slots
        self._wait = wait

    def __enter__(self) -> None:
        if not self._slots.acquire(timeout=self._wait):
            raise SignInBusy()

    def __exit__(self, *_: object) -> None:
        self._slots.release()
